import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { type ErasureResult, UpkeepTakenError } from '../../src/audit/log-upkeep';
import { PostgresLogUpkeep } from '../../src/audit/postgres/postgres-log-upkeep';
import { Database } from '../../src/database/database';
import { DatabaseError } from '../../src/database/database-error';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { aDecision } from '../factories/prediction-record';
import { PostgresServer } from '../factories/servers/postgres-server';

const NOON = Date.UTC(2026, 2, 14, 12);
const DAY_MS = 86_400_000;
const OLD = 'prediction_records_2025_12';

let server: PostgresServer;
let url: string;
let database: Database;
let log: PostgresPredictionLog;
let upkeep: PostgresLogUpkeep;
let now: number;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());
beforeEach(async () => {
  url = await server.createDatabase();
  await migrateDatabase(url);
  database = new Database({ url });
  now = NOON - 100 * DAY_MS;
  log = await PostgresPredictionLog.open({ database, clock: () => now });
  await log.append<DecisionRecord>(aDecision({ clientId: 'client-1' }));
  now = NOON;
  await log.append<DecisionRecord>(aDecision({ clientId: 'client-2' }));
  upkeep = PostgresLogUpkeep.at(url, Date.now);
});
afterEach(async () => {
  await log.close();
  await database.close();
});

function removeExpired(signal?: AbortSignal): Promise<readonly string[]> {
  return upkeep.exclusively(async (session) => {
    const expired = await session.findExpired(NOON);
    await session.removeExpired(expired, NOON);
    return expired.segments;
  }, signal);
}

/** Somebody who has begun to read the log and takes long, as `pg_dump` does. */
async function readSlowly(): Promise<Client> {
  const reader = new Client({ connectionString: url });
  await reader.connect();
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await reader.query('SELECT count(*) FROM prediction_records');
  return reader;
}

/** Months of the log, except the one that is now: opening the log makes it. */
async function tables(): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relname LIKE 'prediction\\_records\\_20__\\___' AND relkind = 'r'
       AND relname <> 'prediction_records_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')
     ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Waits until the upkeep waits for the slow reader. */
async function untilDetaching(): Promise<void> {
  for (;;) {
    const { rows } = await database.query(`SELECT FROM pg_inherits WHERE inhdetachpending`);
    if (rows.length > 0) return;
    await wait(10);
  }
}

/** Ends the connection of whoever has the lock, as the death of its process would. */
async function killUpkeep(): Promise<void> {
  await database.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
}

describe('retention while somebody reads the log for long', () => {
  it('waits for it, and meanwhile the log is written, also in a new month, and read', async () => {
    const reader = await readSlowly();
    const removing = removeExpired();
    await untilDetaching();
    now = NOON + 40 * DAY_MS;
    const began = performance.now();
    const record = await log.append<DecisionRecord>(aDecision({ clientId: 'client-3' }));
    expect((await log.read({ limit: 10 })).records.map(({ clientId }) => clientId)).toEqual([
      'client-2',
      'client-3',
    ]);
    expect(await log.find(record.id)).toEqual(record);
    expect(performance.now() - began).toBeLessThan(1000);
    // The slow reader still has what it began with.
    expect((await reader.query<{ count: string }>('SELECT count(*) FROM prediction_records')).rows).toEqual([
      { count: '2' },
    ]);
    await reader.end();
    expect(await removing).toEqual([OLD]);
    expect(await tables()).toEqual(['prediction_records_2026_03', 'prediction_records_2026_04']);
  });

  it('ends within a second when it is told to, and the next one goes on where it stopped', async () => {
    const reader = await readSlowly();
    const stopping = new AbortController();
    const removing = removeExpired(stopping.signal);
    const ended = expect(removing).rejects.toMatchObject({ name: 'AbortError' });
    await untilDetaching();
    const began = performance.now();
    stopping.abort();
    await ended;
    expect(performance.now() - began).toBeLessThan(1000);
    expect(await tables()).toContain(OLD);
    await reader.end();
    // The server looks every second whether its client is still there, and only then lets go of the lock.
    for (const end = performance.now() + 10_000; ;) {
      try {
        expect(await removeExpired()).toEqual([OLD]);
        break;
      } catch (error) {
        if (!(error instanceof UpkeepTakenError) || performance.now() > end) throw error;
        await wait(50);
      }
    }
    expect(await tables()).toEqual(['prediction_records_2026_03']);
  });
});

describe('retention that was killed', () => {
  it('while a month was being taken out of the table is finished by the next one', async () => {
    const reader = await readSlowly();
    const removing = expect(removeExpired()).rejects.toThrow(DatabaseError);
    await untilDetaching();
    await killUpkeep();
    await removing;
    await reader.end();
    expect(await removeExpired()).toEqual([OLD]);
    expect(await tables()).toEqual(['prediction_records_2026_03']);
  });

  it('when a month was out of the table and not removed is finished by the next one', async () => {
    await database.query(`ALTER TABLE prediction_records DETACH PARTITION ${OLD}`);
    expect(await removeExpired()).toEqual([OLD]);
    expect(await tables()).toEqual(['prediction_records_2026_03']);
  });
});

describe('a month whose removal was interrupted', () => {
  async function interrupt(): Promise<void> {
    const reader = await readSlowly();
    const removing = expect(removeExpired()).rejects.toThrow(DatabaseError);
    await untilDetaching();
    await killUpkeep();
    await removing;
    await reader.end();
  }
  async function detach(): Promise<void> {
    await database.query(`ALTER TABLE prediction_records DETACH PARTITION ${OLD}`);
  }
  async function clients(): Promise<readonly (string | undefined)[]> {
    return (await log.read({ limit: 10 })).records.map(({ clientId }) => clientId);
  }
  function erase(clientId: string): Promise<ErasureResult> {
    return upkeep.exclusively((session) =>
      session.erase({
        clientId,
        tenant: undefined,
        at: new Date(NOON).toISOString(),
        eraseSamples: () => Promise.resolve(),
        signal: new AbortController().signal,
      }),
    );
  }

  describe.each([
    { where: 'on its way out of the table', stop: interrupt },
    { where: 'out of the table', stop: detach },
  ])('$where', ({ stop }) => {
    it('is back in the table after the next retention when a client in it is under legal hold, until the hold ends', async () => {
      await stop();
      await upkeep.exclusively((session) => session.hold('client-1'));
      expect(await removeExpired()).toEqual([]);
      expect(await clients()).toEqual(['client-1', 'client-2']);
      expect(await removeExpired()).toEqual([]);

      await upkeep.exclusively((session) => session.release('client-1'));
      expect(await removeExpired()).toEqual([OLD]);
      expect(await clients()).toEqual(['client-2']);
    });

    it('is back in the table when records are to be kept for longer', async () => {
      await stop();
      const before = NOON - 200 * DAY_MS;
      await upkeep.exclusively(async (session) => {
        const expired = await session.findExpired(before);
        expect(expired.segments).toEqual([]);
        await session.removeExpired(expired, before);
      });
      expect(await clients()).toEqual(['client-1', 'client-2']);
    });

    it('holds up no other month that is removed', async () => {
      now = NOON;
      await log.close();
      await database.query('UPDATE log_head SET milliseconds = -1');
      log = await PostgresPredictionLog.open({ database, clock: () => now });
      now = NOON - 200 * DAY_MS;
      await log.append<DecisionRecord>(aDecision({ clientId: 'client-0' }));
      await upkeep.exclusively((session) => session.hold('client-0'));
      await stop();
      await upkeep.exclusively(async (session) => {
        await session.release('client-0');
        await session.hold('client-1');
      });
      expect(await removeExpired()).toEqual(['prediction_records_2025_08']);
      expect(await clients()).toEqual(['client-1', 'client-2']);
    });

    it('is erased from as any other, so that nothing comes back with it', async () => {
      await log.append<DecisionRecord>(aDecision({ clientId: 'client-1' }));
      await stop();
      expect((await erase('client-1')).records).toBe(2);
      expect(await clients()).not.toContain('client-1');
      expect(await clients()).toHaveLength(3);
    });

    it('is as it was where it is looked at only', async () => {
      await stop();
      await upkeep.exclusively((session) => session.findExpired(NOON));
      expect(await clients()).toEqual(['client-2']);
    });
  });
});

describe('upkeep whose connection is lost', () => {
  it('can do nothing more, says so, and another one begins at once', async () => {
    const working = upkeep.exclusively(async (session) => {
      await killUpkeep();
      await PostgresLogUpkeep.at(url, Date.now).exclusively(() => Promise.resolve());
      await session.hold('client-1');
    });
    await expect(working).rejects.toThrow(DatabaseError);
    expect(await upkeep.readHolds()).toEqual([]);
  });

  it('tells nothing of the address', async () => {
    const secret = 'postgresql://somebody:secret@127.0.0.1:9/nowhere';
    const error: unknown = await PostgresLogUpkeep.at(secret, Date.now)
      .readHolds()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(String(error)).toMatch(/DATABASE_URL: .*ECONNREFUSED/);
    expect(String(error)).not.toMatch(/secret|somebody|127\.0\.0\.1|nowhere/);
  });
});

describe('what is left behind in the database', () => {
  it('is no older version of an erased row: its partition is cleared, and so are its index entries', async () => {
    await upkeep.exclusively((session) =>
      session.erase({
        clientId: 'client-2',
        tenant: undefined,
        at: new Date(NOON).toISOString(),
        eraseSamples: () => Promise.resolve(),
        signal: new AbortController().signal,
      }),
    );
    // Without an old version to keep, the table's statistics say that a vacuum has passed and left nothing.
    await database.query('CREATE EXTENSION pageinspect');
    const { rows } = await database.query<{ versions: string }>(
      `SELECT count(*) AS versions
       FROM heap_page_items(get_raw_page('prediction_records_2026_03', 0)) WHERE t_data IS NOT NULL`,
    );
    expect(rows).toEqual([{ versions: '1' }]);
    const { rows: entries } = await database.query<{ entries: string }>(
      `SELECT count(*) AS entries FROM bt_page_items('prediction_records_2026_03_client_id_id_idx', 1)`,
    );
    expect(entries).toEqual([{ entries: '1' }]);
  });

  it('is no idempotency key whose time is over once retention has passed, and every other', async () => {
    const append = (idempotencyKey: string): Promise<DecisionRecord> =>
      log.append<DecisionRecord>(aDecision({ idempotencyKey }));
    for (let number = 0; number < 6; number += 1) await append(`old key ${number}`);
    now = NOON + DAY_MS - 1;
    const kept = await append('young key');
    const count = async (): Promise<string | undefined> =>
      (await database.query<{ count: string }>('SELECT count(*) FROM idempotency_keys')).rows[0]?.count;
    await removeExpired();
    expect(await count()).toBe('7');
    now = NOON + DAY_MS;
    await log.append<DecisionRecord>(aDecision());
    await removeExpired();
    expect(await count()).toBe('1');
    expect(await log.findByKey({ caller: 'anonymous', idempotencyKey: 'young key' })).toEqual(kept);
  });
});
