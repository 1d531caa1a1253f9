import { Client } from 'pg';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { PostgresServer } from '../factories/servers/postgres-server';
import { aDecision } from '../factories/prediction-record';

/** Issue: rows a second on one connection with `synchronous_commit=on`. */
const GOAL = 20_000;
/** Callers that each wait for their record: two full writes, so that one gathers while the other is written. */
const CALLERS = 2000;
const SECONDS = Number(process.env['SECONDS'] ?? 4);
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);

/** A draft of its own for each caller: the usual length, clients that come again. */
const drafts = Array.from({ length: CALLERS }, (_, index) =>
  aDecision({ clientId: `client-${index % 500}`, requestId: `request ${index}` }),
);

/** Records a second through the log, over one connection in groups; and what each takes of this process's processor. */
async function measureLog(url: string): Promise<{ readonly rate: number; readonly microseconds: number }> {
  const database = new Database({ url });
  const log = await PostgresPredictionLog.open({ database, clock: Date.now });
  const processor = process.cpuUsage();
  const began = performance.now();
  const end = began + SECONDS * 1000;
  let kept = 0;
  await Promise.all(
    drafts.map(async (draft) => {
      while (performance.now() < end) {
        await log.append(draft);
        kept += 1;
      }
    }),
  );
  const rate = (kept / (performance.now() - began)) * 1000;
  const { user, system } = process.cpuUsage(processor);
  await log.close();
  await database.close();
  return { rate, microseconds: (user + system) / kept };
}

/** Records a second by the usual way: one connection, an INSERT and a commit each. */
async function measureSingleInserts(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    'CREATE TABLE IF NOT EXISTS single_inserts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), kind text, client_id text, record json)',
  );
  const began = performance.now();
  const end = began + SECONDS * 1000;
  let kept = 0;
  for (; performance.now() < end; kept += 1) {
    const draft = drafts[kept % drafts.length];
    await client.query({
      name: 'insert',
      text: 'INSERT INTO single_inserts (kind, client_id, record) VALUES ($1, $2, $3) RETURNING id',
      values: ['decision', draft?.clientId, JSON.stringify(draft)],
    });
  }
  const rate = (kept / (performance.now() - began)) * 1000;
  await client.end();
  return rate;
}

/** Bytes of the table and its indexes for each record. */
async function measureBytesARecord(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ bytes: number }>(
    `SELECT (SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'prediction_records'::regclass)::float8
       / (SELECT count(*) FROM prediction_records) AS bytes`,
  );
  await client.end();
  return rows[0]?.bytes ?? NaN;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const server = await PostgresServer.start();
  try {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    const logRates: number[] = [];
    const singleRates: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { rate, microseconds } = await measureLog(url);
      const singleRate = await measureSingleInserts(url);
      logRates.push(rate);
      singleRates.push(singleRate);
      console.log(
        `round ${round}: log ${Math.round(rate)} records/s, ${microseconds.toFixed(1)} µs of this process's processor ` +
          `each; single inserts ${Math.round(singleRate)}/s`,
      );
    }
    const [logRate, singleRate] = [medianOf(logRates), medianOf(singleRates)];
    console.log(
      `median of ${ROUNDS}: ${Math.round(logRate)} records/s on one connection, synchronous_commit and fsync on ` +
        `(goal ${GOAL}: ${logRate >= GOAL ? 'reached' : 'missed'}); ` +
        `${(logRate / singleRate).toFixed(1)} times single inserts (${Math.round(singleRate)}/s); ` +
        `${Math.round(await measureBytesARecord(url))} bytes a record with its indexes`,
    );
  } finally {
    await server.remove();
  }
}

void main();
