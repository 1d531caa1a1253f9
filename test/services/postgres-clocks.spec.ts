import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { PostgresLogUpkeep } from '../../src/audit/postgres/postgres-log-upkeep';
import { RetentionJob } from '../../src/audit/retention-job';
import { retention } from '../../src/command-line/retention-command';
import { type Clock } from '../../src/common/clock';
import { Database } from '../../src/database/database';
import { DatabaseError } from '../../src/database/database-error';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresLeases } from '../../src/database/postgres-leases';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { DriftJob } from '../../src/monitoring/drift/drift-job';
import { runInside } from '../factories/command-line';
import { aDecision } from '../factories/prediction-record';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const LEASE_MS = 60_000;

/** More than any two sound clocks differ by, whatever the machine is busy with. */
const TOO_MUCH_MS = 70_000;
/** What a machine without the time of the network may be wrong by. */
const BEARABLE_MS = 45_000;

let server: PostgresServer;
let url: string;
let database: Database;
let warn: jest.SpyInstance;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());
beforeEach(async () => {
  url = await server.createDatabase();
  await migrateDatabase(url);
  database = new Database({ url });
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await database.close();
});

function wrongBy(milliseconds: number): Clock {
  return () => Date.now() + milliseconds;
}

async function append(clock: Clock, clientId = 'client-1', idempotencyKey?: string): Promise<DecisionRecord> {
  const log = await PostgresPredictionLog.open({ database, clock });
  try {
    return await log.append<DecisionRecord>(
      aDecision({ clientId, ...(idempotencyKey !== undefined && { idempotencyKey }) }),
    );
  } finally {
    await log.close();
  }
}

async function clients(): Promise<readonly string[]> {
  const { rows } = await database.query<{ client: string }>(
    'SELECT client_id AS client FROM prediction_records WHERE client_id IS NOT NULL ORDER BY id',
  );
  return rows.map(({ client }) => client);
}

describe('leases of a process whose clock is wrong', () => {
  it.each([TOO_MUCH_MS, -TOO_MUCH_MS, YEAR_MS])('are given to others: by %d ms', async (milliseconds) => {
    const wrong = new PostgresLeases(database, wrongBy(milliseconds));
    const right = new PostgresLeases(database, Date.now);
    for (const name of ['drift-reports', 'alerts', 'retention'] as const) {
      expect(await wrong.hold(name, LEASE_MS)).toBe(false);
      expect(await right.hold(name, LEASE_MS)).toBe(true);
    }
  });

  it.each([BEARABLE_MS, -BEARABLE_MS])('are its own when it is wrong by %d ms only', async (milliseconds) => {
    const leases = new PostgresLeases(database, wrongBy(milliseconds));
    expect(await leases.hold('drift-reports', LEASE_MS)).toBe(true);
    expect(warn).not.toHaveBeenCalled();
  });

  it('are its own where nothing goes by the clock', async () => {
    const leases = new PostgresLeases(database, wrongBy(YEAR_MS));
    expect(await leases.hold('decision-events', LEASE_MS)).toBe(true);
  });

  it('are not renewed when it became wrong, and are its own again when it is right', async () => {
    let error = 0;
    const changing = new PostgresLeases(database, () => Date.now() + error);
    const other = new PostgresLeases(database, Date.now);
    expect(await changing.hold('alerts', 300)).toBe(true);
    error = TOO_MUCH_MS;
    expect(await changing.hold('alerts', LEASE_MS)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(await other.hold('alerts', 0)).toBe(true);
    error = 0;
    expect(await changing.hold('alerts', LEASE_MS)).toBe(true);
  });

  it('are told of in one line, and in another one when it was right in between', async () => {
    let error = TOO_MUCH_MS;
    const leases = new PostgresLeases(database, () => Date.now() + error);
    for (let times = 0; times < 3; times += 1) {
      await leases.hold('alerts', LEASE_MS);
      await leases.hold('retention', LEASE_MS);
    }
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith({
      msg: expect.stringMatching(/clock of this machine.*PostgreSQL.*network/) as string,
      secondsAhead: TOO_MUCH_MS / 1000,
    });
    error = 0;
    await leases.hold('alerts', LEASE_MS);
    error = -TOO_MUCH_MS;
    await leases.hold('alerts', LEASE_MS);
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe('records of a process whose clock is ahead', () => {
  it('are a minute ahead of the database at most, and so are those that follow', async () => {
    const began = Date.now();
    const ahead = await append(wrongBy(YEAR_MS));
    const right = await append(Date.now);
    for (const { at } of [ahead, right]) {
      expect(Date.parse(at)).toBeGreaterThanOrEqual(began);
      expect(Date.parse(at)).toBeLessThanOrEqual(Date.now() + 60_000 + 5);
    }
    expect(right.id > ahead.id).toBe(true);
  });

  it('have the time of its clock when that is ahead by less', async () => {
    const record = await append(wrongBy(BEARABLE_MS));
    expect(Date.parse(record.at)).toBeGreaterThan(Date.now() + BEARABLE_MS - 5000);
  });

  it('take no idempotency key from a decision of today', async () => {
    const kept = await append(Date.now, 'client-1', 'key of today');
    const log = await PostgresPredictionLog.open({ database, clock: wrongBy(YEAR_MS) });
    try {
      expect(await log.findByKey({ caller: kept.caller, idempotencyKey: 'key of today' })).toEqual(kept);
      await expect(log.append(aDecision({ idempotencyKey: 'key of today' }))).rejects.toThrow(
        'Another decision was made',
      );
    } finally {
      await log.close();
    }
  });
});

describe('retention by a process whose clock is wrong', () => {
  beforeEach(async () => {
    await append(() => Date.now() - 100 * DAY_MS, 'client-of-100');
    await append(Date.now, 'client-of-today');
  });

  it.each([YEAR_MS, -TOO_MUCH_MS])('finds nothing and says what to do: by %d ms', async (milliseconds) => {
    const upkeep = PostgresLogUpkeep.at(url, wrongBy(milliseconds));
    const finding = upkeep.exclusively((session) => session.findExpired(Date.now() + milliseconds));
    await expect(finding).rejects.toThrow(DatabaseError);
    await expect(finding).rejects.toThrow(/clock of this machine.*PostgreSQL.*network/);
    // What does not go by the clock is done.
    await upkeep.exclusively((session) => session.hold('client-of-100'));
    expect(await upkeep.readHolds()).toEqual(['client-of-100']);
  });

  it('as a command removes nothing, records nothing and fails with advice', async () => {
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + YEAR_MS);
    const environment = { STORAGE: 'postgres', DATABASE_URL: url, RETENTION_DAYS: '30' };
    for (const words of [[], ['--dry-run']]) {
      const { error, output } = await runInside(retention, words, { environment });
      expect(error?.name).toBe('CommandError');
      expect(error?.message).toMatch(/DATABASE_URL: .*clock of this machine/);
      expect(output).toBe('');
    }
    expect(await clients()).toEqual(['client-of-100', 'client-of-today']);
    const { rows } = await database.query(`SELECT FROM prediction_records WHERE kind = 'audit'`);
    expect(rows).toEqual([]);
  });
});

describe('a service whose clock is two years ahead', () => {
  it('removes no record and keeps no drift report, and decides', async () => {
    await append(() => Date.now() - 3 * DAY_MS, 'client-of-3');
    await append(Date.now, 'client-of-today');
    const dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-clock-'));
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 2 * YEAR_MS);
    const service = await Service.start({
      STORAGE: 'postgres',
      DATABASE_URL: url,
      DATA_DIR: dataFolder,
      ROLES: 'api,monitoring',
      RETENTION_DAYS: '30',
    });
    try {
      await service.app.get(RetentionJob, { strict: false }).run();
      await service.app.get(DriftJob, { strict: false }).runDue();
      await service.post('/predict', { ...service.exampleBody(), clientId: 'client-4711' }).expect(200);
    } finally {
      await service.stop();
      await rm(dataFolder, { recursive: true, force: true });
    }
    expect(await clients()).toEqual(['client-of-3', 'client-of-today', 'client-4711']);
    expect((await database.query('SELECT FROM drift_reports')).rows).toEqual([]);
  });
});
