import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { PostgresLogReader } from '../../src/logging/postgres/postgres-log-reader';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { PostgresServer } from '../factories/servers/postgres-server';
import { aDecision } from '../factories/prediction-record';
import { seededRandom } from '../factories/seeded-random';

const NOON = Date.UTC(2026, 2, 14, 12);
/** Each instance has a clock of its own: right, behind, ahead. */
const CLOCK_ERRORS_MS = [0, -30_000, 400];
const RECORDS_A_WRITER = 700;
/** Shorter than a write waits for the lock. */
const HELD_MS = 250;

let server: PostgresServer;
let url: string;
let databases: Database[];
let writers: PostgresPredictionLog[];

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server.remove();
});
beforeEach(async () => {
  url = await server.createDatabase();
  await migrateDatabase(url);
  databases = CLOCK_ERRORS_MS.map(() => new Database({ url }));
  writers = await Promise.all(
    databases.map((database, index) =>
      PostgresPredictionLog.open({ database, clock: () => Date.now() + (CLOCK_ERRORS_MS[index] ?? 0) }),
    ),
  );
});
afterEach(async () => {
  await Promise.all(writers.map((writer) => writer.close()));
  await Promise.all(databases.map((database) => database.close()));
});

/** Reads on by cursor, without pause, until it has so many records. */
async function follow(count: number): Promise<readonly PredictionRecord[]> {
  const reader = PostgresLogReader.open({ url });
  const seen: PredictionRecord[] = [];
  while (seen.length < count) {
    const after = seen.at(-1)?.id;
    const { records } = await reader.read({ limit: 97, ...(after !== undefined && { after }) });
    seen.push(...records);
  }
  await reader.close();
  return seen;
}

/** Holds the log's head now and then, as a transaction that has begun and is slow to commit. */
async function disturb(signal: AbortSignal): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let held = 0;
  for (; !signal.aborted; held += 1) {
    await client.query('BEGIN');
    // As an instance whose rows are written but not committed: its ids are lower than those that follow.
    await client.query(
      `SELECT append_records('"requestId":"slow ${held}"}', '{decision}', '{null}', NULL, ${Date.now()})`,
    );
    await delay(HELD_MS);
    await client.query('COMMIT');
    await delay(20);
  }
  await client.end();
  return held;
}

describe('several instances that write one log', () => {
  it('are read by cursor completely, each record once, in the order of its id and time, also behind slow transactions', async () => {
    const random = seededRandom(20_261_125);
    const total = writers.length * RECORDS_A_WRITER;
    const ending = new AbortController();
    const disturbing = disturb(ending.signal);
    const following = follow(total);

    const acknowledged = await Promise.all(
      writers.map(async (writer, index) => {
        const records: PredictionRecord[] = [];
        while (records.length < RECORDS_A_WRITER) {
          const count = Math.min(1 + Math.floor(random() * 40), RECORDS_A_WRITER - records.length);
          const batch = Array.from({ length: count }, (_, number) =>
            writer.append<PredictionRecord>(aDecision({ requestId: `${index}: ${records.length + number}` })),
          );
          records.push(...(await Promise.all(batch)));
          if (random() < 0.3) await delay(random() * 10);
        }
        return records;
      }),
    );
    ending.abort();
    const held = await disturbing;
    const seen = await following;
    const all = await follow(total + held);

    expect(held).toBeGreaterThan(0);
    // What the follower saw while it was written is how the log begins, for ever.
    expect(seen).toEqual(all.slice(0, seen.length));
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted());
    expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted());
    expect(new Set(all.map(({ id }) => id)).size).toBe(total + held);
    for (const records of acknowledged) {
      // In the order of the calls.
      const ids = new Set(records.map(({ id }) => id));
      expect(all.filter(({ id }) => ids.has(id))).toEqual(records);
    }
  });

  it('go on with ids that rise when a clock far ahead was set right', async () => {
    const [database] = databases;
    if (database === undefined) throw new Error('There is a database for each writer');
    let now = NOON + 40 * 86_400_000;
    const wrong = await PostgresPredictionLog.open({ database, clock: () => now });
    const ahead = await wrong.append(aDecision());
    now = NOON;
    const right = await wrong.append(aDecision());
    await wrong.close();

    expect(right.id > ahead.id).toBe(true);
    expect(right.at).toBe(ahead.at);
  });

  it('make the partition of a new month in time, however many cross its border at once', async () => {
    const months = await Promise.all(
      writers.map(async (_, index) => {
        let now = Date.UTC(2026, 0, 31, 23, 59, 59, 990);
        const database = databases[index];
        if (database === undefined) throw new Error('There is a database for each writer');
        const log = await PostgresPredictionLog.open({ database, clock: () => (now += 3) });
        const records: PredictionRecord[] = [];
        for (let number = 0; number < 10; number += 1)
          records.push(await log.append<PredictionRecord>(aDecision()));
        await log.close();
        return records.map(({ at }) => at.slice(0, 7));
      }),
    );

    expect(new Set(months.flat())).toEqual(new Set(['2026-01', '2026-02']));
    expect(await follow(30)).toHaveLength(30);
  });
});
