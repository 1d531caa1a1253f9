import { type Browser } from 'playwright-core';
import { Pages } from '../factories/monitoring-pages';
import { launchBrowser, visitPage } from './visit-page';

let browser: Browser;
let pages: Pages;
beforeAll(async () => {
  browser = await launchBrowser();
  pages = await Pages.start();
});
afterAll(async () => {
  await browser.close();
  await pages.stop();
});

/** Where a threshold and its label were drawn, pixels. */
interface DrawnLine {
  readonly line: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The vertical thresholds of the page's first chart that has two, from left to right. */
const VERTICAL_LINES = `[...document.querySelectorAll('canvas')]
  .map((canvas) => Object.values(window.Chart.getChart(canvas).config.options.plugins.annotation.annotations).length === 2
    && window['chartjs-plugin-annotation'].getAnnotations(window.Chart.getChart(canvas)))
  .find((lines) => lines && lines.length === 2 && lines.every(({ x, x2 }) => x === x2))
  .map(({ x, elements: [label] }) => ({ line: x, left: label.x, right: label.x2, top: label.y, bottom: label.y2 }))`;

describe.each([1280, 390])('thresholds of a chart at %d px', (width) => {
  it.each(['en', 'fr'])(
    'are named in %s right beside their own line, one name not over the other',
    async (language) => {
      const visit = await visitPage(browser, `${pages.url}/monitoring?lang=${language}`, {
        viewport: { width, height: 900 },
      });
      const [lower, upper] = await visit.page.evaluate<[DrawnLine, DrawnLine]>(VERTICAL_LINES);
      for (const { line, left } of [lower, upper]) {
        expect(left - line).toBeGreaterThan(0);
        expect(left - line).toBeLessThan(10);
      }
      expect(upper.top).toBeGreaterThanOrEqual(lower.bottom - 4);
      await visit.context.close();
    },
  );
});

describe('the menu of a phone', () => {
  it('shows the alerts and the page one is on, however wide the words are', async () => {
    for (const path of ['/monitoring', '/monitoring/models', '/monitoring/alerts']) {
      const visit = await visitPage(browser, `${pages.url}${path}?lang=fr`, {
        viewport: { width: 390, height: 844 },
      });
      const menu = visit.page.locator('.sections li');
      const alerts = await menu.last().boundingBox();
      expect((alerts?.x ?? 0) + (alerts?.width ?? Infinity)).toBeLessThanOrEqual(390);
      const current = await menu.filter({ has: visit.page.locator('[aria-current]') }).boundingBox();
      const end = (current?.x ?? 0) + (current?.width ?? Infinity);
      expect(current?.x).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(path.endsWith('alerts') ? 390 : (alerts?.x ?? 0));
      await visit.context.close();
    }
  });
});
