import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser } from 'playwright-core';
import { loadModel } from '../factories/decided-log';
import { someReports } from '../factories/drift-report';
import { Pages } from '../factories/monitoring-pages';
import { findAccessibilityProblems, launchBrowser, measureOverflow, visitPage } from './visit-page';

let browser: Browser;
let pages: Pages;
let empty: Pages;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-'));
  browser = await launchBrowser();
  pages = await Pages.start({ reports: someReports(await loadModel(), 30) });
  empty = await Pages.start({ reports: [] });
});
afterAll(async () => {
  await browser.close();
  await pages.stop();
  await empty.stop();
  await rm(folder, { recursive: true });
});

const PATHS = [
  '/monitoring/drift',
  '/monitoring/drift?lang=fr&report=2026-11-10T00-00-00Z',
  '/monitoring/drift/creditLimit',
  '/monitoring/drift/sex?lang=fr',
  '/monitoring/drift/probability',
];
const WINDOWS = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

/** Writes the report as one file, as a browser saves it. */
async function saveReport(language: string): Promise<string> {
  const answer = await fetch(`${pages.url}/monitoring/api/drift?format=html&lang=${language}`);
  const file = join(folder, `drift-${language}.html`);
  await writeFile(file, await answer.text());
  return pathToFileURL(file).href;
}

describe.each(WINDOWS)('at $width px, $colorScheme', ({ width, height, colorScheme }) => {
  it.each(PATHS)('%s loads nothing from elsewhere, fits, and can be used by everybody', async (path) => {
    for (const { url } of path.includes('report') ? [pages] : [pages, empty]) {
      const visit = await visitPage(browser, `${url}${path}`, { viewport: { width, height }, colorScheme });
      expect(await findAccessibilityProblems(visit.page)).toEqual([]);
      expect(await measureOverflow(visit.page)).toBe(0);
      expect(visit.problems).toEqual([]);
      await visit.context.close();
    }
  });

  it('the saved report opens from disk without a network, fits, and can be used by everybody', async () => {
    const context = await browser.newContext({ offline: true, viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    const file = await saveReport(width === 390 ? 'fr' : 'en');
    await page.goto(file, { waitUntil: 'networkidle' });
    expect(requests).toEqual([file]);
    expect(problems).toEqual([]);
    expect(await findAccessibilityProblems(page)).toEqual([]);
    expect(await measureOverflow(page)).toBe(0);
    expect(await page.locator('article table').count()).toBe(2 * 24);
    const longest = page.locator('svg.bars rect').first();
    expect((await longest.boundingBox())?.width).toBeGreaterThan(50);
    const link = page.locator('.subjects a').first();
    await link.click();
    expect(await page.locator('#input-1 h3').isVisible()).toBe(true);
    await context.close();
  });
});

describe('without scripts', () => {
  it.each(PATHS)('%s shows every figure as a table', async (path) => {
    const visit = await visitPage(browser, `${pages.url}${path}`, { javaScriptEnabled: false });
    const tables = await visit.page.locator('table').all();
    expect(tables.length).toBeGreaterThan(1);
    for (const table of tables) expect(await table.isVisible()).toBe(true);
    await visit.context.close();
  });
});

it('leads from the verdict to the input, its history, and back', async () => {
  const { page, context } = await visitPage(browser, `${pages.url}/monitoring/drift`, {});
  await page.getByRole('link', { name: 'See its values' }).click();
  await page.getByRole('heading', { level: 1, name: 'Drift: Credit limit' }).waitFor();
  await page.locator('#psi-history summary').click();
  await page.locator('#psi-history').getByRole('link', { name: '20 Nov 2026, 00:00 UTC' }).click();
  await page.getByText('This is not the latest report of the schedule.').waitFor();
  await page.getByRole('link', { name: '← All inputs' }).click();
  await page.getByRole('heading', { level: 1, name: 'Drift', exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('report')).toBe('2026-11-20T00-00-00Z');
  await context.close();
});

it('saves the report under its name', async () => {
  const { page, context } = await visitPage(browser, `${pages.url}/monitoring/drift`, {});
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Take this report along' }).click();
  expect((await saved).suggestedFilename()).toBe('drift-2026-11-23T00-00-00Z.html');
  await context.close();
});
