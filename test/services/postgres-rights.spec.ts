import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { MIGRATIONS } from '../../src/database/migrations/migrations';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { aDecision } from '../factories/prediction-record';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';

/** As in README.md, "Tables": what the owner gives the user of the service, before the first migration. */
const GRANTS = `
  GRANT USAGE ON SCHEMA public TO scoring;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO scoring;
  ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO scoring;
`;

/** A log that answered is not asked again sooner; after that readiness knows only what it has found out. */
const LONGER_THAN_A_PROBE_MS = 1200;

let server: PostgresServer;
/** Who owns the database and its tables, and who only decides; both in a database of the test's own. */
let ownerUrl: string;
let serviceUrl: string;

beforeAll(async () => {
  server = await PostgresServer.start();
  await execute(server.url, 'CREATE ROLE owner LOGIN; CREATE ROLE scoring LOGIN');
});
afterAll(async () => {
  await server.remove();
});
beforeEach(async () => {
  const url = await server.createDatabase();
  await execute(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO owner`);
  [ownerUrl, serviceUrl] = [withUser(url, 'owner'), withUser(url, 'scoring')];
});

function withUser(url: string, user: string): string {
  return Object.assign(new URL(url), { username: user }).href;
}

/** Runs one or more statements as the user of `url`. */
async function execute<Row extends object>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

let service: Service | undefined;

async function startService(): Promise<Service> {
  service = await Service.start({ STORAGE: 'postgres', DATABASE_URL: serviceUrl });
  return service;
}

afterEach(async () => {
  await service?.remove();
  service = undefined;
});

describe('a service whose user does not own the tables', () => {
  beforeEach(async () => {
    await execute(ownerUrl, GRANTS);
    await migrateDatabase(ownerUrl);
  });

  it('starts, is ready, decides, and reads what it decided', async () => {
    const running = await startService();
    await running.get('/health/ready').expect(200);
    const answer = await running.post('/predict', running.exampleBody()).expect(200);
    const { id } = answer.body as { id: string };
    await running.get(`/predictions/${id}`).expect(200);
    await running.get('/health/ready').expect(200);
  });

  it('goes on deciding when a month begins, in partitions of the owner', async () => {
    const [year, month] = [new Date().getUTCFullYear(), new Date().getUTCMonth()];
    const starts = [-1, 0].map((months) => Date.UTC(year, month + months));
    const database = new Database({ url: serviceUrl });
    let now = (starts[1] ?? 0) - 1;
    const log = await PostgresPredictionLog.open({ database, clock: () => now });
    const before = await log.append<DecisionRecord>(aDecision());
    now += 1;
    const after = await log.append<DecisionRecord>(aDecision());

    expect([before.at, after.at].map((at) => Date.parse(at))).toEqual([now - 1, now]);
    expect((await log.read({ limit: 10 })).records).toHaveLength(2);
    const partitions = await execute(
      ownerUrl,
      `SELECT tablename AS name, tableowner AS owner FROM pg_tables
       WHERE tablename ~ '^prediction_records_' ORDER BY tablename`,
    );
    expect(partitions).toEqual(
      starts.map((start) => ({
        name: `prediction_records_${new Date(start).toISOString().slice(0, 7).replace('-', '_')}`,
        owner: 'owner',
      })),
    );
    await log.close();
    await database.close();
  });

  it.each([
    { right: 'EXECUTE ON FUNCTION ensure_record_partition(bigint)' },
    { right: 'INSERT ON prediction_records' },
    { right: 'UPDATE ON idempotency_keys' },
  ])('does not start without $right, and says what to do', async ({ right }) => {
    await execute(ownerUrl, `REVOKE ${right} FROM scoring`);
    await expect(startService()).rejects.toThrow(
      /^DATABASE_URL: The prediction log .* \(42501\): .* rights .* README\.md/,
    );
  });

  it('is not ready for as long as a right is taken from it, and decides when it has it again', async () => {
    const running = await startService();
    await execute(ownerUrl, 'REVOKE INSERT ON prediction_records FROM scoring');
    await running.post('/predict', running.exampleBody()).expect(503);
    for (let looks = 0; looks < 3; looks += 1) {
      await delay(LONGER_THAN_A_PROBE_MS);
      await running.get('/health/ready').expect(503);
    }

    await execute(ownerUrl, 'GRANT INSERT ON prediction_records TO scoring');
    await delay(LONGER_THAN_A_PROBE_MS);
    await running.get('/health/ready').expect(200);
    await running.post('/predict', running.exampleBody()).expect(200);
  });

  it('can have the owner make months, and nothing else', async () => {
    await execute(server.url, `DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN`);
    await expect(
      execute(withUser(ownerUrl, 'stranger'), 'SELECT ensure_record_partition(0)'),
    ).rejects.toMatchObject({ code: '42501' });
    // A table that would hide the one which the function means, made by whoever calls it.
    await execute(
      serviceUrl,
      `CREATE TEMPORARY TABLE prediction_records (id uuid NOT NULL) PARTITION BY RANGE (id);
       SELECT ensure_record_partition(0)`,
    );
    expect(
      await execute(
        ownerUrl,
        `SELECT inhparent::regclass::text AS of FROM pg_inherits
         WHERE inhrelid = 'public.prediction_records_1970_01'::regclass`,
      ),
    ).toEqual([{ of: 'prediction_records' }]);
  });

  it('is told who has to change the tables when a version needs it', async () => {
    const newest = Object.keys(MIGRATIONS).sort().at(-1) ?? '';
    await execute(ownerUrl, `DELETE FROM schema_migrations WHERE name = '${newest}'`);
    await expect(startService()).rejects.toThrow(/\(42501\): .*`npm run migrate` as their owner/);
  });
});

describe('asking whether the log can be written', () => {
  it('leaves its head, its records and its keys as they are', async () => {
    await execute(ownerUrl, GRANTS);
    await migrateDatabase(ownerUrl);
    const state = `SELECT (SELECT row(milliseconds, counter)::text FROM log_head) AS head,
      (SELECT count(*) FROM prediction_records) AS records, (SELECT count(*) FROM idempotency_keys) AS keys`;
    for (const head of [undefined, '0, 5', `${Date.now() + 3_600_000}, 4398046511103`]) {
      if (head !== undefined)
        await execute(ownerUrl, `UPDATE log_head SET (milliseconds, counter) = (${head})`);
      const before = await execute(ownerUrl, state);
      await execute(serviceUrl, 'SELECT try_appending()');
      expect(await execute(ownerUrl, state)).toEqual(before);
    }
  });
});
