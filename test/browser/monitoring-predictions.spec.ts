import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { type Browser } from 'playwright-core';
import { PREDICTION_LOG, type PredictionLog } from '../../src/logging/prediction-log';
import { type RefusalRecord } from '../../src/logging/prediction-record';
import { aRefusal } from '../factories/prediction-record';
import { Service } from '../factories/service';
import { findAccessibilityProblems, launchBrowser, measureOverflow, visitPage } from './visit-page';

const ROWS = 120;

let browser: Browser;
let service: Service;
let decided: string;
let refused: string;
beforeAll(async () => {
  browser = await launchBrowser();
  service = await Service.start();
  const rows = parse<Record<string, string>>(readFileSync('data/samples/holdout.csv', 'utf8'), {
    columns: true,
    to: ROWS,
  });
  const names = service.model.bundle.inputs.map(({ name }) => name);
  const answer = await service
    .post(
      '/predict/batch',
      rows.map((row) => ({
        ...Object.fromEntries(names.map((name) => [name, Number(row[name])])),
        clientId: row['clientId'],
        protected: { sex: row['sex'], age: Number(row['age']) },
      })),
    )
    .expect(200);
  decided = /"id":"([^"]+)"/.exec(answer.text)?.[1] ?? '';
  const log = service.app.get<PredictionLog>(PREDICTION_LOG, { strict: false });
  const errors = [{ field: '<img src=x onerror=alert(1)>', code: 'unknown_field' }];
  const problem = { title: 'The application is not valid', errors };
  refused = (await log.append<RefusalRecord>(aRefusal({ problem }))).id;
});
afterAll(async () => {
  await browser.close();
  await service.remove();
});

const WINDOWS = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

describe.each(WINDOWS)('at $width px, $colorScheme', ({ width, height, colorScheme }) => {
  it.each([
    ['the list', (): string => ''],
    ['a search without a match, in French', (): string => '?clientId=nobody&lang=fr'],
    ['one decision', (): string => `/${decided}`],
    ['a refused request', (): string => `/${refused}?lang=fr`],
  ])('%s loads nothing from elsewhere, fits, and can be used by everybody', async (_what, path) => {
    const visit = await visitPage(browser, `${service.url}/monitoring/predictions${path()}`, {
      viewport: { width, height },
      colorScheme,
    });
    expect(await findAccessibilityProblems(visit.page)).toEqual([]);
    expect(await measureOverflow(visit.page)).toBe(0);
    expect(visit.problems).toEqual([]);
    await visit.context.close();
  });
});

describe.each([true, false])('with scripts: %s', (javaScriptEnabled) => {
  it('a decision is found by its client, and made again', async () => {
    const options = { javaScriptEnabled };
    const { page, problems, context } = await visitPage(
      browser,
      `${service.url}/monitoring/predictions`,
      options,
    );
    await page.getByLabel('Record id or client id').fill('uci-3');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.waitForURL('**/monitoring/predictions?clientId=uci-3');
    await page.locator('.decisions .id').click();
    await page.getByRole('button', { name: 'Make the decision again' }).click();
    await page.getByText('Identical: the same decision came out, bit for bit').waitFor();
    expect(await findOverflowAndAccessibility(page, javaScriptEnabled)).toEqual([]);
    await page.getByRole('link', { name: 'Français' }).click();
    await page.getByRole('heading', { level: 1, name: 'Décision' }).waitFor();
    expect(problems).toEqual([]);
    await context.close();
  });

  it('a record is found by its id', async () => {
    const options = { javaScriptEnabled };
    const { page, context } = await visitPage(browser, `${service.url}/monitoring/predictions`, options);
    await page.getByLabel('Record id or client id').fill(refused);
    await page.getByLabel('Record id or client id').press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Refused request' }).waitFor();
    await page.getByText('<img src=x onerror=alert(1)>').waitFor();
    await context.close();
  });

  it('decisions are narrowed by the form, and paged to the oldest', async () => {
    const options = { javaScriptEnabled };
    const { page, context } = await visitPage(browser, `${service.url}/monitoring/predictions`, options);
    for (let shown = 50; shown < ROWS; shown += 50) {
      await page.getByRole('link', { name: 'Older decisions' }).click();
      await page.waitForURL('**/monitoring/predictions?cursor=*');
    }
    expect(await page.locator('.decisions tbody tr').count()).toBe(ROWS % 50);
    await page.locator('select[name=decision]').selectOption('REJECTED');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL('**decision=REJECTED*');
    expect(await page.locator('.decisions tbody tr').first().textContent()).toContain('Rejected');
    await page.getByRole('link', { name: 'Show all' }).click();
    expect(await page.locator('.decisions tbody tr').count()).toBe(50);
    await context.close();
  });
});

/** Axe itself is a script. */
async function findOverflowAndAccessibility(
  page: Parameters<typeof measureOverflow>[0],
  scripts: boolean,
): Promise<string[]> {
  if (!scripts) return [];
  const overflow = await measureOverflow(page);
  return [...(overflow > 0 ? [`overflow: ${overflow}`] : []), ...(await findAccessibilityProblems(page))];
}
