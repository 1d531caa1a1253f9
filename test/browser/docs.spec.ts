import { type Browser, chromium } from 'playwright-core';
import { type Prediction } from '../../src/prediction/prediction';
import { Service } from '../factories/service';

let service: Service;
let browser: Browser;
beforeAll(async () => {
  service = await Service.start();
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
});
afterAll(async () => {
  await browser.close();
  await service.remove();
});

describe.each([
  ['a desk', 1280],
  ['a hand', 390],
])('/docs on %s (%d px)', (_where, width) => {
  it('answers the example with 200 at the first click, loads nothing from elsewhere, and logs no error', async () => {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(service.url) && !request.url().startsWith('data:'))
        problems.push(request.url());
    });
    await page.goto(`${service.url}/docs#/predictions/PredictController_predict`);
    const answered = page.waitForResponse((response) => response.url().endsWith('/predict'));
    await page.getByRole('button', { name: 'Execute' }).first().click();
    const response = await answered;
    expect(response.status()).toBe(200);
    const prediction = (await response.json()) as Prediction;
    await page.getByText(prediction.id).first().waitFor();
    expect(problems).toEqual([]);
    await page.close();
  });
});
