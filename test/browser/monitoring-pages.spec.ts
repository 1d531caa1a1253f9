import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { type Browser } from 'playwright-core';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { Pages } from '../factories/monitoring-pages';
import { Service } from '../factories/service';
import { findAccessibilityProblems, launchBrowser, measureOverflow, visitPage } from './visit-page';

/** Rows of the hold-out sample that the real service decides before anybody looks. */
const ROWS = 400;

let browser: Browser;
let service: Service;
let pages: Pages;
beforeAll(async () => {
  browser = await launchBrowser();
  pages = await Pages.start();
  service = await Service.start();
  const rows = parse<Record<string, string>>(readFileSync('data/samples/holdout.csv', 'utf8'), {
    columns: true,
    to: ROWS,
  });
  const names = service.model.bundle.inputs.map(({ name }) => name);
  await service
    .post(
      '/predict/batch',
      rows.map((row) => Object.fromEntries(names.map((name) => [name, Number(row[name])]))),
    )
    .expect(200);
  await service.post('/predict', {}).expect(400);
  await service.app.get<MonitoringEngine>(MONITORING_ENGINE, { strict: false }).catchUp();
});
afterAll(async () => {
  await browser.close();
  await pages.stop();
  await service.remove();
});

const PATHS = ['/monitoring', '/monitoring?period=hour&lang=fr', '/monitoring/models'];
const WINDOWS = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

describe.each(WINDOWS)('at $width px, $colorScheme', ({ width, height, colorScheme }) => {
  it.each(PATHS)(
    '%s draws its charts, loads nothing from elsewhere, fits, and can be used by everybody',
    async (path) => {
      for (const { url } of [service, pages]) {
        const visit = await visitPage(browser, `${url}${path}`, { viewport: { width, height }, colorScheme });
        expect(await findAccessibilityProblems(visit.page)).toEqual([]);
        expect(await measureOverflow(visit.page)).toBe(0);
        const blank = await visit.page.evaluate<number>(
          `[...document.querySelectorAll('canvas')].filter((canvas) =>
            !canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)).length`,
        );
        expect(blank).toBe(0);
        expect(await visit.page.locator('canvas').count()).toBeGreaterThan(0);
        expect(visit.problems).toEqual([]);
        await visit.context.close();
      }
    },
  );

  it('shows a problem as a page that can be used by everybody', async () => {
    const visit = await visitPage(browser, `${service.url}/monitoring?period=year`, {
      viewport: { width, height },
      colorScheme,
    });
    expect(await findAccessibilityProblems(visit.page)).toEqual([]);
    expect(await measureOverflow(visit.page)).toBe(0);
    expect(visit.problems).toHaveLength(2); // the 400 itself, as an answer and on the console
    await visit.context.close();
  });
});

describe('without scripts', () => {
  it.each(PATHS)('%s shows every figure as a table, and times in UTC', async (path) => {
    const visit = await visitPage(browser, `${service.url}${path}`, {
      javaScriptEnabled: false,
    });
    const tables = visit.page.locator('details.figures table');
    for (const table of await tables.all()) expect(await table.isVisible()).toBe(true);
    expect(await tables.count()).toBeGreaterThan(0);
    expect(await visit.page.locator('canvas').first().isVisible()).toBe(false);
    expect(await visit.page.locator('time').first().textContent()).toContain('UTC');
    await visit.context.close();
  });
});

describe('with scripts', () => {
  it('times are in the reader’s zone, UTC on hover; figures open on demand', async () => {
    const { page, context } = await visitPage(browser, `${pages.url}/monitoring`, {});
    const time = page.locator('footer time');
    expect(await time.getAttribute('title')).toBe('23 Nov 2026, 12:30:00 UTC');
    // Paris is an hour ahead of UTC in November.
    expect(await time.textContent()).toContain('13:30:00');
    const table = page.locator('#decisions table');
    expect(await table.isVisible()).toBe(false);
    await page.locator('#decisions summary').press('Enter');
    expect(await table.isVisible()).toBe(true);
    await context.close();
  });

  it('the keyboard reaches the content first, then the sections, and shows where it is', async () => {
    const { page, context } = await visitPage(browser, `${pages.url}/monitoring`, {});
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    const top = "document.querySelector('.skip').getBoundingClientRect().top";
    expect(await page.evaluate<number>(top)).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/monitoring');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await context.close();
  });

  it('reloading is switched on and off by a box, and remembered in the address', async () => {
    const { page, context } = await visitPage(browser, `${pages.url}/monitoring?period=hour`, {});
    await page.getByRole('checkbox').click();
    await page.waitForURL('**/monitoring?period=hour&refresh=30');
    expect(await page.getByRole('checkbox').isChecked()).toBe(true);
    await page.getByRole('checkbox').click();
    await page.waitForURL('**/monitoring?period=hour');
    await context.close();
  });

  it('a span is chosen by its fields, in UTC, and the language by its link', async () => {
    const { page, context } = await visitPage(browser, `${pages.url}/monitoring`, {});
    await page.getByLabel('From (UTC)').fill('2026-11-20T00:00');
    await page.getByLabel('To (UTC)').fill('2026-11-21T00:00');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL('**/monitoring?from=*');
    expect(await page.locator('.span time').first().getAttribute('datetime')).toBe(
      '2026-11-20T00:00:00.000Z',
    );
    await page.getByRole('link', { name: 'Français' }).click();
    await page.getByRole('heading', { name: "Vue d'ensemble" }).waitFor();
    await page.getByRole('link', { name: 'Modèle', exact: true }).click();
    await page.getByRole('heading', { name: 'Modèle', exact: true, level: 1 }).waitFor();
    await context.close();
  });

  it('a table is saved as CSV', async () => {
    const { page, context } = await visitPage(browser, `${pages.url}/monitoring/models`, {});
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Inputs as CSV' }).click();
    expect((await saved).suggestedFilename()).toBe('model-inputs.csv');
    await context.close();
  });

  it('hostile names in the log are shown, not run', async () => {
    const { page, problems, context } = await visitPage(browser, `${pages.url}/monitoring`, {});
    await page.getByText('<script>alert(1)</script>').waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });
});
