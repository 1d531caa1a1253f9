import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type DriftData } from '../../src/monitoring/pages/drift/drift-data';
import { type OverviewData } from '../../src/monitoring/pages/overview/overview-data';
import { exampleBody } from '../faults/service-process';
import { Browser, readFormToken } from './browser';
import { Cluster } from './cluster';
import { decideAllTheWhile } from './decide-all-the-while';
import { keepEarlierDecisions } from './keep-earlier-decisions';

/** How often all three are restarted, one after the other. */
const ROUNDS = Number(process.env['ROUNDS'] ?? 1);
const CALLERS = 8;
const HOUR_MS = 3_600_000;
/** Decisions of the hour before, which the instances find when they start. */
const EARLIER_DECISIONS = 400;
/** A process looks for the report of another one after a quarter of a minute. */
const PATIENCE_MS = 45_000;

const body = exampleBody();
/** The last full hour: a report about it is due when the instances start. */
const reportedHourMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS;

let cluster: Cluster;
let key: string;
beforeAll(async () => {
  cluster = await Cluster.start(
    { DRIFT_CRON: '* * * * *', DRIFT_WINDOW_HOURS: '1', LOG_LEVEL: 'info' },
    (databaseUrl) =>
      keepEarlierDecisions(databaseUrl, {
        count: EARLIER_DECISIONS,
        fromMs: reportedHourMs,
        stepMs: HOUR_MS / 2 / EARLIER_DECISIONS,
      }),
  );
  key = await cluster.key();
}, 180_000);
afterAll(() => cluster.remove());

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(port: number, path: string, options: Asked = {}): Promise<Response> {
  const { headers, ...rest } = options;
  const all = { 'X-API-Key': key, 'Content-Type': 'application/json', ...headers };
  return fetch(`http://127.0.0.1:${port}${path}`, { ...rest, headers: all });
}

function decide(port: number, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return ask(port, '/predict', { method: 'POST', body, headers });
}

async function readId(response: Response): Promise<string> {
  expect(response.status).toBe(200);
  return ((await response.json()) as { id: string }).id;
}

async function readJson<T>(port: number, path: string): Promise<T> {
  const response = await ask(port, path);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as T;
}

/** Ids of all decisions in the database. */
async function readKept(): Promise<string[]> {
  const client = new Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ id: string }>(
    `SELECT id::text FROM prediction_records WHERE kind = 'decision' ORDER BY id`,
  );
  await client.end();
  return rows.map(({ id }) => id);
}

/** What an instance says it has decided since it started. */
async function countDecided(port: number): Promise<number> {
  const text = await (await ask(port, '/metrics')).text();
  const counts = text.matchAll(/^credit_scoring_decisions_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Asks until the answer is the one that is expected, or patience ends. */
async function waitFor<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    const value = await read();
    if (holds(value) || Date.now() > deadline) return value;
    await delay(250);
  }
}

function ports(): number[] {
  return cluster.instances.map(({ port }) => port);
}

describe('decisions', () => {
  it('are spread over all instances, and kept in one order', async () => {
    const before = await Promise.all(ports().map(countDecided));
    const kept = await readKept();
    const ids = await Promise.all(
      Array.from({ length: 300 }, async () => readId(await decide(cluster.nginx.port))),
    );
    const after = await Promise.all(ports().map(countDecided));
    const made = after.map((count, index) => count - (before[index] ?? 0));
    expect(made.reduce((sum, count) => sum + count)).toBe(300);
    expect(Math.min(...made)).toBeGreaterThan(0);
    expect((await readKept()).slice(kept.length)).toEqual([...ids].sort());
  });

  it('of one instance are found, listed and replayed by another', async () => {
    const [first, second, third] = ports() as [number, number, number];
    const id = await readId(await decide(first));
    expect(await readJson(second, `/predictions/${id}`)).toMatchObject({ id, caller: 'tester' });
    const { items } = await readJson<{ items: { id: string }[] }>(third, '/predictions?limit=5');
    expect(items.map((item) => item.id)).toContain(id);
    const replay = await ask(third, `/predictions/${id}/replay`, { method: 'POST', body: '{}' });
    expect(await replay.json()).toMatchObject({ identical: true });
  });

  it('are made once for an Idempotency-Key, whichever instances it is sent to at the same moment', async () => {
    const kept = await readKept();
    const headers = { 'Idempotency-Key': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => decide(ports()[index % 3] ?? 0, headers)),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 200 || status === 409)).toBe(true);
    const decided = await Promise.all(answers.filter(({ status }) => status === 200).map(readId));
    expect(new Set(decided).size).toBe(1);
    expect((await readKept()).slice(kept.length)).toEqual([decided[0]]);
    for (const port of ports()) expect(await readId(await decide(port, headers))).toBe(decided[0]);
  });
});

describe('a queued application', () => {
  it('is taken by one instance, decided by the worker, and its outcome told by all', async () => {
    const [first] = ports() as [number, number, number];
    const queued = await ask(first, '/predict/async', { method: 'POST', body });
    expect(queued.status).toBe(202);
    const { location } = (await queued.json()) as { location: string };
    for (const port of [cluster.nginx.port, ...ports()]) {
      const outcome = await waitFor(
        () => readJson<{ status: string; prediction?: { id: string } }>(port, location),
        ({ status }) => status === 'done',
      );
      expect(await readKept()).toContain(outcome.prediction?.id);
    }
  });
});

describe('callers', () => {
  it('are counted over all instances', async () => {
    const own = await cluster.key({ name: 'counted', scopes: ['predict'] });
    let remaining: number | undefined;
    for (let request = 0; request < 30; request++) {
      const { headers } = await decide(ports()[request % 3] ?? 0, { 'X-API-Key': own });
      const left = Number(/;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
      if (remaining !== undefined) expect(left).toBe(remaining - 1);
      remaining = left;
    }
  });

  it('are known by the address that nginx sees, whatever they say: it stands in the audit trail', async () => {
    // Not one that TRUST_PROXY names.
    const [from, claimed] = ['127.0.0.2', '203.0.113.77'];
    const asked = get({
      port: cluster.nginx.port,
      path: '/predictions',
      localAddress: from,
      headers: { 'X-API-Key': 'pad_aaaaaaaa_wrong', 'X-Forwarded-For': claimed },
    });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(401);
    const client = new Client({ connectionString: cluster.databaseUrl });
    await client.connect();
    const read = async (): Promise<string[]> => {
      const { rows } = await client.query<{ from: string }>(
        `SELECT DISTINCT record->'audit'->>'from' AS "from" FROM prediction_records
          WHERE kind = 'audit' AND record->'audit'->>'from' = ANY($1)`,
        [[from, claimed]],
      );
      return rows.map((row) => row.from);
    };
    expect(await waitFor(read, (found) => found.length > 0)).toEqual([from]);
    await client.end();
  });

  it('stay logged in on all instances, and are logged out of all', async () => {
    const [first, second, third] = ports() as [number, number, number];
    const browser = new Browser();
    const token = await readFormToken(await browser.visit(first, '/monitoring/login'));
    // The form of one instance is sent to another.
    await browser.visit(second, '/monitoring/login', { key, to: '/monitoring', 'csrf-token': token });
    for (const port of ports()) expect((await browser.visit(port, '/monitoring')).status).toBe(200);
    const thief = browser.copy();
    const page = await browser.visit(third, '/monitoring');
    await browser.visit(third, '/monitoring/logout', { 'csrf-token': await readFormToken(page) });
    for (const port of ports()) {
      const status = await waitFor(
        async () => (await thief.visit(port, '/monitoring')).status,
        (answer) => answer === 303,
      );
      expect([port, status]).toEqual([port, 303]);
    }
  });
});

describe('monitoring', () => {
  it('shows the whole on any instance, whoever decided', async () => {
    for (const port of ports()) await readId(await decide(port));
    const kept = await readKept();
    for (const port of ports()) {
      const count = async (): Promise<number | undefined> => {
        const { traffic } = await readJson<OverviewData>(port, '/monitoring/api?period=day');
        const decisions = traffic?.totals.decisions;
        return decisions && Object.values(decisions).reduce((sum, value) => sum + value);
      };
      expect([port, await waitFor(count, (found) => found === kept.length)]).toEqual([port, kept.length]);
    }
  });

  it('makes one drift report a window, which all show', async () => {
    const reportOf = (port: number): Promise<DriftData> =>
      waitFor(
        () => readJson<DriftData>(port, '/monitoring/api/drift'),
        ({ report }) => report !== null,
      );
    const shown = await Promise.all(ports().map(reportOf));
    const reportedHour = new Date(reportedHourMs).toISOString();
    for (const { runs } of shown) {
      const hours = runs.map(({ window }) => window.from);
      expect(hours).toContain(reportedHour);
      expect(new Set(hours).size).toBe(hours.length);
    }
    const ids = shown.map(({ runs }) => runs.find(({ window }) => window.from === reportedHour)?.id);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('one after the other', () => {
  it(
    `all are restarted ${ROUNDS} times under load, and no request fails or is decided twice`,
    async () => {
      const kept = await readKept();
      // Without a key: a decision that is made twice would show.
      const traffic = decideAllTheWhile(CALLERS, () => decide(cluster.nginx.port));
      for (let round = 0; round < ROUNDS; round++) {
        for (const instance of cluster.instances) {
          expect(await instance.stop()).toBe(0);
          await instance.start();
        }
      }
      const { decided, failed } = await traffic.stop();
      expect(failed).toEqual([]);
      expect(decided.length).toBeGreaterThan(100);
      expect((await readKept()).slice(kept.length)).toEqual([...decided].sort());
      console.log(`${3 * ROUNDS} restarts: ${decided.length} requests, 0 failed, as many records`);
    },
    120_000 * (ROUNDS + 1),
  );

  it('all are killed under load, and who repeats with the same key is decided once', async () => {
    const kept = await readKept();
    const traffic = decideAllTheWhile(CALLERS, (headers) => decide(cluster.nginx.port, headers));
    for (const instance of cluster.instances) {
      await instance.kill();
      await instance.start();
    }
    const { decided, failed } = await traffic.stop();
    expect((await readKept()).slice(kept.length)).toEqual([...decided].sort());
    console.log(`3 kills: ${decided.length} decisions, as many records, ${failed.length} requests repeated`);
  });

  it('none made the drift report again: neither at its start nor by its schedule of every minute', () => {
    const made = cluster.instances
      .flatMap(({ printed }) => printed)
      .filter((line) => line.includes('"drift report: '))
      .map((line) => (JSON.parse(line) as { window: { from: string } }).window.from);
    expect(made.filter((from) => from === new Date(reportedHourMs).toISOString())).toHaveLength(1);
  });
});
