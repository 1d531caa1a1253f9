import { type Browser, chromium } from 'playwright-core';
import { Alerts } from '../../src/monitoring/alerts/alerts';
import { type AlertCause } from '../../src/monitoring/alerts/alert-state';
import { GuardedService } from '../factories/access';
import { Service } from '../factories/service';
import { findAccessibilityProblems, launchBrowser, measureOverflow, visitPage } from './visit-page';

const UNDECIDED = { kinds: new Set<never>(), inputs: new Set<never>() };
const CAUSES: readonly AlertCause[] = [
  { kind: 'damaged_log_lines', subject: null, severity: 'critical', figures: { lines: 3 } },
  {
    kind: 'latency',
    subject: null,
    severity: 'warning',
    figures: { p95Ms: 312.4, thresholdMs: 250, requests: 812, windowMinutes: 10 },
  },
  {
    kind: 'error_rate',
    subject: null,
    severity: 'critical',
    figures: { failed: 41, requests: 812, rate: 0.0505, threshold: 0.02, windowMinutes: 10 },
  },
];

let browser: Browser;
let service: Service;
let alerts: Alerts;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  service = await Service.start();
  alerts = service.app.get(Alerts, { strict: false });
  await alerts.observe({ causes: CAUSES, undecided: UNDECIDED });
});
afterEach(() => service.remove());

/** One of each state. */
async function fillStates(): Promise<void> {
  const [slow] = alerts.list().filter(({ kind }) => kind === 'latency');
  await alerts.acknowledge(slow?.id ?? '', '<script>alert(1)</script> disk replaced', 'anonymous');
  const causes = CAUSES.filter(({ kind }) => kind !== 'error_rate');
  for (let look = 0; look < 2; look++) await alerts.observe({ causes, undecided: UNDECIDED });
}

describe.each([
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const)('at $width px, $colorScheme', ({ width, height, colorScheme }) => {
  it.each(['', '?lang=fr'])(
    '/monitoring/alerts%s loads nothing from elsewhere, fits, and can be used by everybody',
    async (query) => {
      await fillStates();
      const visit = await visitPage(browser, `${service.url}/monitoring/alerts${query}`, {
        viewport: { width, height },
        colorScheme,
      });
      expect(await findAccessibilityProblems(visit.page)).toEqual([]);
      expect(await measureOverflow(visit.page)).toBe(0);
      await visit.page.getByText('<script>alert(1)</script>').first().waitFor();
      expect(visit.problems).toEqual([]);
      await visit.context.close();
    },
  );

  it('shows what is wrong with a note, and keeps what was typed', async () => {
    const { page, context } = await visitPage(browser, `${service.url}/monitoring/alerts`, {
      viewport: { width, height },
      colorScheme,
    });
    const form = page.getByRole('article', { name: 'Answers are slow' });
    // As a browser without the check of the length would send it.
    await page.evaluate(
      `document.querySelectorAll('textarea').forEach((field) => { field.maxLength = 1000; })`,
    );
    await form.getByRole('textbox').fill('<b>'.repeat(200));
    await form.getByRole('button').click();
    await page.getByText('Write at most 500 characters.').waitFor();
    expect(await form.getByRole('textbox').inputValue()).toBe('<b>'.repeat(200));
    expect(await findAccessibilityProblems(page)).toEqual([]);
    expect(await measureOverflow(page)).toBe(0);
    await context.close();
  });
});

describe.each([true, false])('with scripts: %s', (javaScriptEnabled) => {
  it('an alert is acknowledged with a note, which loading again does not send again', async () => {
    const { page, problems, context } = await visitPage(browser, `${service.url}/monitoring/alerts`, {
      javaScriptEnabled,
    });
    const form = page.getByRole('article', { name: 'Answers are slow' });
    await form.getByRole('textbox').fill('Disk is slow,\nbeing replaced');
    await form.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Acknowledged: Answers are slow').waitFor();
    await page.getByRole('heading', { level: 2, name: '2 open alerts' }).waitFor();
    const { acknowledgedAt, note } = alerts.list().find(({ kind }) => kind === 'latency') ?? {};
    expect(note).toBe('Disk is slow,\nbeing replaced');
    await page.reload();
    expect(alerts.list().find(({ kind }) => kind === 'latency')?.acknowledgedAt).toBe(acknowledgedAt);
    expect(problems).toEqual([]);
    await context.close();
  });
});

it('acknowledges over plain HTTP too, where browsers do not say from which site a request comes', async () => {
  // Under another name than this machine's own, which is answered with access control only.
  const guarded = await GuardedService.start();
  await guarded.service.app.get(Alerts, { strict: false }).observe({ causes: CAUSES, undecided: UNDECIDED });
  const own = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP scoring.test 127.0.0.1'],
  });
  const origin = guarded.service.url.replace('127.0.0.1', 'scoring.test');
  const { page, context } = await visitPage(own, `${origin}/monitoring/login?to=/monitoring/alerts`, {});
  await page.locator('input[name=key]').fill(await guarded.key());
  await page.locator('main button[type=submit]').click();
  await page.waitForURL(`${origin}/monitoring/alerts`);
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  const form = page.getByRole('article', { name: 'Answers are slow' });
  await form.getByRole('textbox').fill('seen');
  await form.getByRole('button', { name: 'Acknowledge' }).click();
  expect(Object.keys(await (await sent).allHeaders())).not.toContain('sec-fetch-site');
  await page.getByText('Acknowledged: Answers are slow').waitFor();
  await context.close();
  await own.close();
  await guarded.service.remove();
});

it('refuses what a page of another site sends', async () => {
  const { page, context } = await visitPage(browser, `${service.url}/monitoring/alerts`, {});
  const action = await page.locator('form.acknowledge').first().getAttribute('action');
  // Another origin: the port differs.
  const elsewhere = await Service.start();
  await page.route(`${elsewhere.url}/attack`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form action="${service.url}${action ?? ''}" method="post"><input name="note" value="x"><button>Win</button></form>`,
    }),
  );
  await page.goto(`${elsewhere.url}/attack`);
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.getByRole('button', { name: 'Win' }).click();
  expect((await answered).status()).toBe(403);
  expect(alerts.list().every(({ state }) => state === 'open')).toBe(true);
  await context.close();
  await elsewhere.remove();
});
