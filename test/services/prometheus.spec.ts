import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceMetrics } from '../../src/metrics/service-metrics';
import { GuardedService } from '../factories/access';
import { Service } from '../factories/service';
import { fillVariables, readDashboard } from './dashboard';
import { CONFIGURATION_FILE, PrometheusProcess, type QueryResult, runPromtool } from './prometheus-process';

/** More than the 10 s that rates look back over in `fillVariables`, at a scrape a second. */
const PATIENCE_MS = 30_000;

let service: Service;
let prometheus: PrometheusProcess;
let stopping = false;
/** In the order of their making; undone backwards, also when a later one failed. */
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // Without monitoring of its own: the test tells what monitoring would.
  service = await Service.start({ ROLES: 'api' });
  cleanUps.push(() => service.remove());
  tellDrift(service.app.get(ServiceMetrics, { strict: false }));
  prometheus = await PrometheusProcess.start(service.url);
  cleanUps.push(() => prometheus.remove());
  const traffic = sendTraffic();
  cleanUps.push(async () => {
    stopping = true;
    await traffic;
  });
});
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

/** As monitoring does after a drift job. */
function tellDrift(metrics: ServiceMetrics): void {
  const now = Date.now() / 1000;
  const inputs = service.model.bundle.inputs.map(({ name }) => ({
    name,
    psi: 0.02,
    adjustedPValue: 0.6,
    verdict: 'stable' as const,
  }));
  const probability = { name: 'probability', psi: 0.3, adjustedPValue: 0.0001, verdict: 'drifted' as const };
  metrics.setDrift([...inputs, probability], 5_000, now - 3_600);
  metrics.setJobSuccess(now - 60);
  metrics.setLogLag(0.5);
  metrics.setDamagedLines(0);
  metrics.setOpenAlerts({ warning: 1, critical: 0 });
}

/** Decisions, a batch, refusals and unknown addresses, over and over: rates need counters that move. */
async function sendTraffic(): Promise<void> {
  const body = service.exampleBody();
  while (!stopping) {
    await service.post('/predict', body).expect(200);
    await service.post('/predict/batch', [body, body]).expect(200);
    await service.post('/predict', {}).expect(400);
    await service.get('/nowhere').expect(404);
    await delay(100);
  }
}

/** Asks until there is an answer that is a number everywhere; a ratio of two rates is NaN while nothing moved. */
async function waitForData(expression: string, asked = prometheus): Promise<readonly QueryResult[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await asked.query(expression);
    const isThere = result.length > 0 && result.every(({ value }) => !Number.isNaN(Number(value[1])));
    if (isThere || Date.now() > deadline) return result;
    await delay(250);
  }
}

describe('a service with access control', () => {
  it('is scraped with a key of the scope monitor, which may be written while Prometheus runs, and not before', async () => {
    const guarded = await GuardedService.start({ ROLES: 'api' });
    const keyFile = join(guarded.service.dataFolder, 'prometheus.key');
    await writeFile(keyFile, '');
    const watching = await PrometheusProcess.start(guarded.service.url, keyFile);
    try {
      const up = 'up{job="credit-scoring"}';
      expect((await waitForData(up, watching)).map(({ value }) => value[1])).toEqual(['0']);

      const key = await guarded.key({ name: 'prometheus', tenant: 'prometheus', scopes: ['monitor'] });
      await writeFile(keyFile, `${key}\n`);
      expect(await waitForData(`${up} == 1`, watching)).toHaveLength(1);
      expect(await waitForData('process_resident_memory_bytes', watching)).toHaveLength(1);
    } finally {
      await watching.remove();
      await guarded.service.remove();
    }
  });
});

describe('promtool', () => {
  it('finds nothing wrong with the configuration and its rules', () => {
    expect(runPromtool(['check', 'config', CONFIGURATION_FILE])).toMatchObject({ passed: true });
    expect(runPromtool(['check', 'rules', 'deploy/prometheus/alerts.yml'])).toMatchObject({ passed: true });
  });

  it('sees every alert come and go as deploy/prometheus/alerts.test.yml says', () => {
    expect(runPromtool(['test', 'rules', 'deploy/prometheus/alerts.test.yml'])).toMatchObject({
      passed: true,
    });
  });

  it('has nothing to object to in the names, types and texts of the metrics', async () => {
    const { text } = await service.get('/metrics').expect(200);
    expect(runPromtool(['check', 'metrics'], text)).toEqual({ passed: true, output: '' });
  });
});

describe('the alerts', () => {
  it('are all evaluated by Prometheus without an error', async () => {
    const deadline = Date.now() + PATIENCE_MS;
    let rules = await prometheus.rules();
    while (rules.some(({ health }) => health === 'unknown') && Date.now() < deadline) {
      await delay(250);
      rules = await prometheus.rules();
    }
    expect(rules.length).toBeGreaterThanOrEqual(7);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    for (const { query } of rules) await expect(prometheus.query(query)).resolves.toBeDefined();
  });

  it('fire for the drift that was found, by name, and for nothing else', async () => {
    const firing = await waitForData('ALERTS{alertstate="firing"}');
    expect(firing.map(({ metric }) => [metric['alertname'], metric['input']])).toEqual([
      ['CreditScoringDrift', 'probability'],
    ]);
  });
});

describe('the dashboard', () => {
  const { panels } = readDashboard();
  const expressions = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [title, expr]),
  );

  it.each(expressions)('shows data: %s, %s', async (_title, expression) => {
    expect(await waitForData(fillVariables(expression))).not.toEqual([]);
  });

  it('shows the counts of the service, as they were a scrape ago', async () => {
    const [shown] = await waitForData('credit_scoring_http_requests_total{route="/predict",status="200"}');
    const { text } = await service.get('/metrics').expect(200);
    const counted = /^credit_scoring_http_requests_total{.*route="\/predict",status="200"} (\d+)$/m.exec(
      text,
    );
    expect(Number(shown?.value[1])).toBeGreaterThan(0);
    expect(Number(shown?.value[1])).toBeLessThanOrEqual(Number(counted?.[1]));
  });

  it('gives every panel an id of its own, a description, the chosen data source and a place of its own', () => {
    const taken = new Set<string>();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, title, description, datasource, targets = [], gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let cell = 0; cell < w * h; cell += 1) {
        const place = `${x + (cell % w)},${y + Math.floor(cell / w)}`;
        expect([title, place, taken.has(place)]).toEqual([title, place, false]);
        taken.add(place);
      }
      if (type === 'row') continue;
      expect(description).toMatch(/\.$/);
      for (const source of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(source?.uid).toBe('${datasource}');
      }
    }
  });
});
