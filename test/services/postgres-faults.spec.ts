import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { LogUnavailableError } from '../../src/logging/prediction-log';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { PostgresLogReader } from '../../src/logging/postgres/postgres-log-reader';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { PostgresServer } from '../factories/servers/postgres-server';
import { aDecision } from '../factories/prediction-record';
import { TcpProxy } from '../factories/tcp-proxy';

/** What the service promises. */
const REFUSED_WITHIN_MS = 2000;
const BACK_WITHIN_MS = 5000;

let server: PostgresServer;
let proxy: TcpProxy;
/** Past the proxy. */
let directUrl: string;
let database: Database;
let log: PostgresPredictionLog;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server.remove();
});
beforeEach(async () => {
  directUrl = await server.createDatabase();
  await migrateDatabase(directUrl);
  proxy = await TcpProxy.to(server.port);
  const url = new URL(directUrl);
  url.port = String(proxy.port);
  database = new Database({ url: url.href });
  log = await PostgresPredictionLog.open({ database, clock: Date.now, maxWaitingRecords: 200 });
});
afterEach(async () => {
  await proxy.heal();
  await log.close();
  await database.close();
  await proxy.close();
});

interface Outcome {
  /** Undefined when it was refused. */
  readonly record: DecisionRecord | undefined;
  readonly error: unknown;
  readonly milliseconds: number;
}

/** Appends a decision, and tells what came of it. */
async function append(requestId = 'a request'): Promise<Outcome> {
  const began = performance.now();
  try {
    const record = await log.append<DecisionRecord>(aDecision({ requestId }));
    return { record, error: undefined, milliseconds: performance.now() - began };
  } catch (error) {
    return { record: undefined, error, milliseconds: performance.now() - began };
  }
}

function expectRefused({ record, error, milliseconds }: Outcome): void {
  expect(record).toBeUndefined();
  expect(error).toBeInstanceOf(LogUnavailableError);
  expect(milliseconds).toBeLessThan(REFUSED_WITHIN_MS);
}

/** Appends until one is kept, as those do who were asked to try again. */
async function expectBack(): Promise<void> {
  const began = performance.now();
  while ((await append()).record === undefined) {
    expect(performance.now() - began).toBeLessThan(BACK_WITHIN_MS);
    await delay(20);
  }
  expect(await log.probe()).toMatchObject({ available: true });
}

/** All records, as the server itself has them. */
async function readStored(): Promise<readonly string[]> {
  const reader = PostgresLogReader.open({ url: directUrl });
  const ids: string[] = [];
  for (let more = true; more;) {
    const after = ids.at(-1);
    const { records } = await reader.read({ limit: 10_000, ...(after !== undefined && { after }) });
    ids.push(...records.map(({ id }) => id));
    more = records.length > 0;
  }
  await reader.close();
  return ids;
}

/** Works in a session beside the service's, as an operator does. */
async function withSession<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: directUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const FAULTS = [
  {
    name: 'frozen',
    begin: () => {
      proxy.freeze();
    },
  },
  { name: 'cut off', begin: () => proxy.cut() },
  {
    name: 'slow by a second each way',
    begin: () => {
      proxy.delay(1000);
    },
  },
] as const;

describe('a log whose server is away', () => {
  it.each(FAULTS)(
    'refuses within two seconds while it is $name, says why, and is back within five',
    async ({ begin }) => {
      expect((await append()).record).toBeDefined();
      await begin();
      // One after the other, and many at once.
      for (const outcome of [await append(), await append()]) expectRefused(outcome);
      for (const outcome of await Promise.all(Array.from({ length: 150 }, () => append())))
        expectRefused(outcome);

      const state = await log.probe();
      expect(state.available).toBe(false);
      expect(state.reason).toMatch(/^The prediction log in PostgreSQL cannot be written \(.+\): /);
      for (const secret of [String(proxy.port), 'postgresql:', new URL(directUrl).pathname.slice(1)]) {
        expect(state.reason).not.toContain(secret);
      }

      await proxy.heal();
      await expectBack();
    },
  );

  it('refuses reads within two seconds, too, and reads again when it is back', async () => {
    const { record } = await append();
    proxy.freeze();
    const began = performance.now();
    await expect(log.read({ limit: 1 })).rejects.toThrow(LogUnavailableError);
    await expect(log.find(record?.id ?? '')).rejects.toThrow('cannot be read (no answer)');
    expect(performance.now() - began).toBeLessThan(2 * REFUSED_WITHIN_MS);

    await proxy.heal();
    expect(await log.find(record?.id ?? '')).toEqual(record);
  });

  it('lets no more wait than its bound, and refuses the rest at once', async () => {
    proxy.freeze();
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => append()));

    for (const outcome of outcomes) expectRefused(outcome);
    expect(outcomes.filter(({ milliseconds }) => milliseconds < 500).length).toBeGreaterThanOrEqual(800);
    expect(log.waiting).toBeLessThanOrEqual(200);
  });

  it('is closed within seconds all the same', async () => {
    proxy.freeze();
    const waiting = append();
    const began = performance.now();
    await log.close();
    expect(performance.now() - began).toBeLessThan(4000);
    expectRefused(await waiting);
  });
});

describe('a log whose server is slow', () => {
  it('keeps all that comes while a round trip takes a fifth of a second', async () => {
    proxy.delay(100);
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => append()));

    expect(outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]))).toEqual([]);
  });

  it('refuses what waits for the lock of another session, keeps nothing of it, and goes on when it is free', async () => {
    await withSession(async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT FROM log_head FOR UPDATE');
      const outcome = await append();
      expectRefused(outcome);
      expect((outcome.error as LogUnavailableError).message).toContain('(55P03)');
      await client.query('ROLLBACK');
    });
    await expectBack();

    expect(await readStored()).toHaveLength(1);
  });

  it('needs no second try when its connection was ended while nothing was written', async () => {
    await append();
    await withSession((client) =>
      client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      ),
    );
    await delay(200);

    expect((await append()).record).toBeDefined();
  });
});

describe('a server that crashes while records are written', () => {
  it('has every acknowledged record afterwards, once, and takes new ones within five seconds', async () => {
    const acknowledged: string[] = [];
    const refused: Outcome[] = [];
    for (let crash = 0; crash < 3; crash += 1) {
      let writing = true;
      const callers = Array.from({ length: 20 }, async () => {
        while (writing) {
          const outcome = await append();
          if (outcome.record === undefined) {
            refused.push(outcome);
            await delay(20);
          } else acknowledged.push(outcome.record.id);
        }
      });
      try {
        await delay(300);
        await server.stop('immediate');
        await delay(100);
        await server.start();
        await expectBack();
      } finally {
        writing = false;
        await Promise.all(callers);
      }
    }

    const stored = await readStored();
    const found = new Set(stored);
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
    expect(found.size).toBe(stored.length);
    expect(refused.length).toBeGreaterThan(0);
    for (const outcome of refused) expectRefused(outcome);
  });
});
