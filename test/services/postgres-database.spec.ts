import { Client } from 'pg';
import { CommandError } from '../../src/command-line/command';
import { migrate } from '../../src/command-line/migrate-command';
import { Database } from '../../src/database/database';
import { DatabaseError } from '../../src/database/database-error';
import { migrateDatabase } from '../../src/database/migrate-database';
import { MIGRATIONS } from '../../src/database/migrations/migrations';
import { PostgresLeases } from '../../src/database/postgres-leases';
import { firstIdAt } from '../../src/logging/issue-record-id';
import { runInside } from '../factories/command-line';
import { PostgresServer } from '../factories/servers/postgres-server';
import { findFreePort } from '../factories/servers/find-free-port';
import { Service } from '../factories/service';
import { TcpProxy } from '../factories/tcp-proxy';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server.remove();
});

/** Runs one statement as an operator would, beside the service. */
async function execute<Row extends object>(url: string, statement: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** What `task` is refused with. */
async function failureOf(task: Promise<unknown>): Promise<Error> {
  try {
    await task;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It was expected to fail with an error');
}

describe('migrations', () => {
  it('run once, however many programs start at the same time', async () => {
    const url = await server.createDatabase();
    const runs = await Promise.all(Array.from({ length: 4 }, () => migrateDatabase(url)));

    expect(runs.flat()).toEqual(Object.keys(MIGRATIONS).sort());
    expect(await migrateDatabase(url)).toEqual([]);
  });

  it('leave a database alone that a newer version has changed, and say so', async () => {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    await execute(url, `INSERT INTO schema_migrations VALUES ('2027-01-01-more', '2027-01-01T00:00:00Z')`);

    const failure = await failureOf(migrateDatabase(url));
    expect(failure).toBeInstanceOf(DatabaseError);
    expect(failure.message).toMatch(
      /^DATABASE_URL: a newer version .* \(2027-01-01-more\): start that version/,
    );
    await expect(Service.start({ STORAGE: 'postgres', DATABASE_URL: url })).rejects.toThrow('newer version');
  });

  it('are all or nothing', async () => {
    const url = await server.createDatabase();
    // Stands where one of the last statements wants to make its own.
    await execute(
      url,
      'CREATE FUNCTION first_record_id_at(bigint) RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$',
    );

    await expect(migrateDatabase(url)).rejects.toThrow(DatabaseError);
    expect(await execute(url, `SELECT to_regclass('prediction_records') AS found`)).toEqual([
      { found: null },
    ]);
    await execute(url, 'DROP FUNCTION first_record_id_at(bigint)');
    expect(await migrateDatabase(url)).toHaveLength(Object.keys(MIGRATIONS).length);
  });

  it('make a schema of its own whole, beside another service in the same database', async () => {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    await execute(url, 'CREATE SCHEMA staging');
    // Sees the tables of the other one, too.
    const staging = `${url}?options=${encodeURIComponent('-c search_path=staging,public')}`;

    expect(await migrateDatabase(staging)).toHaveLength(Object.keys(MIGRATIONS).length);
    expect(await migrateDatabase(staging)).toEqual([]);
    await execute(url, 'SELECT ensure_record_partition(0)');
    await execute(staging, 'SELECT ensure_record_partition(0)');
    const tables = `SELECT schemaname AS schema, count(*)::int AS tables FROM pg_tables
      WHERE schemaname IN ('public', 'staging') GROUP BY schemaname`;
    const [one, two] = await execute<{ tables: number }>(url, tables);
    expect(one?.tables).toBeGreaterThan(5);
    expect(two?.tables).toBe(one?.tables);
  });

  it('leave the table of another program alone that has the same name, and say what to do', async () => {
    const url = await server.createDatabase();
    await execute(url, 'CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean)');
    await expect(migrateDatabase(url)).rejects.toThrow(
      /^DATABASE_URL: the table schema_migrations is that of another program: give .* of its own$/,
    );
  });

  it('say what to do when the user may use no schema', async () => {
    const url = await server.createDatabase();
    await expect(migrateDatabase(`${url}?options=-csearch_path%3Dnowhere`)).rejects.toThrow(
      /^DATABASE_URL: no schema in the search_path .* create one/,
    );
  });

  it('do not wait for the lock when there is nothing to do, and say who is in the way when there is', async () => {
    const url = await server.createDatabase();
    const holder = new Client({ connectionString: url });
    await holder.connect();
    // Kysely's, which older versions take.
    await holder.query('SELECT pg_advisory_lock(3853314791062309107)');
    await expect(migrateDatabase(url, { lockTimeoutMs: 100 })).rejects.toThrow(
      /^DATABASE_URL: .* \(55P03\): another session held .* pg_locks and pg_stat_activity/,
    );
    await holder.query('SELECT pg_advisory_unlock(3853314791062309107)');
    await migrateDatabase(url);

    await holder.query('SELECT pg_advisory_lock(3853314791062309107)');
    expect(await migrateDatabase(url, { lockTimeoutMs: 100 })).toEqual([]);
    await holder.end();
  });

  it('make partitions whose borders are the ids of a month, whatever the month', async () => {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    for (const [year, month] of [
      [1970, 0],
      [2024, 1],
      [2026, 11],
    ] as const) {
      const [start, end] = [Date.UTC(year, month), Date.UTC(year, month + 1)];
      await execute(url, `SELECT ensure_record_partition(${start}), ensure_record_partition(${end - 1})`);
      const name = `prediction_records_${year}_${String(month + 1).padStart(2, '0')}`;
      expect(
        await execute(
          url,
          `SELECT pg_get_expr(relpartbound, oid) AS bounds FROM pg_class WHERE relname = '${name}'`,
        ),
      ).toEqual([{ bounds: `FOR VALUES FROM ('${firstIdAt(start)}') TO ('${firstIdAt(end)}')` }]);
    }
  });
});

describe('npm run migrate', () => {
  it('makes the tables, and has nothing to do the second time', async () => {
    const environment = { STORAGE: 'postgres', DATABASE_URL: await server.createDatabase() };
    const first = await runInside(migrate, [], { environment });
    expect(first).toMatchObject({ exitCode: 0, error: undefined });
    expect(first.output).toBe(
      Object.keys(MIGRATIONS)
        .sort()
        .map((name) => `${name} done\n`)
        .join(''),
    );

    const second = await runInside(migrate, [], { environment });
    expect(second).toMatchObject({ exitCode: 0, output: expect.stringContaining('nothing to do') as string });
  });

  it('says what to do without a database, and shows its help', async () => {
    expect((await runInside(migrate, [])).error?.message).toMatch(/^STORAGE: .* Set it, and DATABASE_URL\.$/);
    const away = `postgresql://postgres:a-secret@127.0.0.1:${await findFreePort()}/none`;
    const { error } = await runInside(migrate, [], {
      environment: { STORAGE: 'postgres', DATABASE_URL: away },
    });
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(
      /^DATABASE_URL: the database cannot be used \(ECONNREFUSED\): start PostgreSQL/,
    );
    expect((await runInside(migrate, ['--help'])).output).toContain('npm run migrate');
    expect((await runInside(migrate, ['--down'])).error).toBeInstanceOf(CommandError);
  });
});

describe('a service that starts', () => {
  it.each([
    { why: 'nothing listens', change: async (url: URL) => (url.port = String(await findFreePort())) },
    { why: 'there is no such database', change: (url: URL) => (url.pathname = '/nowhere') },
    { why: 'there is no such user', change: (url: URL) => (url.username = 'nobody-known') },
  ])('says what to do, and nothing of the address, when $why', async ({ change }) => {
    const url = new URL(await server.createDatabase());
    url.password = 'a-secret';
    await change(url);

    const { message } = await failureOf(Service.start({ STORAGE: 'postgres', DATABASE_URL: url.href }));
    expect(message).toMatch(/^DATABASE_URL: the database cannot be used \(\w+\): /);
    for (const part of [url.hostname, url.port, url.password, 'nowhere', 'nobody-known']) {
      expect(message).not.toContain(part);
    }
  });
});

describe('sessions', () => {
  const ASKED = `SELECT current_setting('datestyle') AS dates, current_setting('transaction_isolation') AS isolation,
    current_setting('search_path') AS path, timestamptz '2026-11-26T07:00:00Z' AS at`;
  const EXPECTED = {
    dates: expect.stringMatching(/^ISO/) as string,
    isolation: 'read committed',
    path: 'public',
    at: new Date('2026-11-26T07:00:00Z'),
  };

  it('begin as this program needs them, whatever is set for the server, and with the options of the address', async () => {
    const url = await server.createDatabase();
    const name = new URL(url).pathname.slice(1);
    await execute(url, `ALTER DATABASE ${name} SET datestyle = 'SQL, DMY'`);
    await execute(url, `ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    const database = new Database({ url: `${url}?options=-c%20search_path%3Dpublic` });
    const client = database.createClient();
    await client.connect();

    expect((await database.query(ASKED)).rows).toEqual([EXPECTED]);
    expect((await client.query(ASKED)).rows).toEqual([EXPECTED]);
    await client.end();
    await database.close();
    // Who waited for the lock has to see what was done meanwhile.
    const runs = await Promise.all(Array.from({ length: 4 }, () => migrateDatabase(url)));
    expect(runs.flat()).toHaveLength(Object.keys(MIGRATIONS).length);
  });
});

describe('the pool of connections', () => {
  it('keeps its bound, and serves everybody in turn', async () => {
    const database = new Database({ url: await server.createDatabase(), maxConnections: 3 });
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid, pg_sleep(0.01)'),
      ),
    );

    expect(new Set(answers.map(({ rows }) => rows[0]?.pid)).size).toBeLessThanOrEqual(3);
    await database.close();
  });

  it('fails within two seconds while the server is frozen, closes all the same, and serves when it is back', async () => {
    const proxy = await TcpProxy.to(server.port);
    const url = new URL(server.url);
    url.port = String(proxy.port);
    const database = new Database({ url: url.href });
    await database.query('SELECT');
    proxy.freeze();
    const began = performance.now();
    const failures = await Promise.allSettled(Array.from({ length: 20 }, () => database.query('SELECT')));
    expect(failures.map(({ status }) => status)).toEqual(failures.map(() => 'rejected'));
    expect(performance.now() - began).toBeLessThan(2000);

    await proxy.heal();
    await database.query('SELECT');
    proxy.freeze();
    const closed = performance.now();
    await database.close();
    expect(performance.now() - closed).toBeLessThan(3000);
    await proxy.close();
  });
});

describe('leases', () => {
  let database: Database;

  beforeEach(async () => {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    database = new Database({ url });
  });
  afterEach(async () => {
    await database.close();
  });

  it('are held by one of many that ask at once, and renewed by it alone', async () => {
    const holders = Array.from({ length: 10 }, () => new PostgresLeases(database, Date.now));
    const held = await Promise.all(holders.map((holder) => holder.hold('alerts', 60_000)));
    expect(held.filter(Boolean)).toHaveLength(1);

    const again = await Promise.all(holders.map((holder) => holder.hold('alerts', 60_000)));
    expect(again).toEqual(held);
  });

  it('are apart from each other', async () => {
    const [one, two] = [new PostgresLeases(database, Date.now), new PostgresLeases(database, Date.now)];
    expect(await one.hold('alerts', 60_000)).toBe(true);
    expect(await two.hold('drift-reports', 60_000)).toBe(true);
    expect(await two.hold('alerts', 60_000)).toBe(false);
  });

  it('end by themselves when their time is over', async () => {
    const [one, two] = [new PostgresLeases(database, Date.now), new PostgresLeases(database, Date.now)];
    expect(await one.hold('alerts', 0)).toBe(true);
    expect(await two.hold('alerts', 60_000)).toBe(true);
    expect(await one.hold('alerts', 60_000)).toBe(false);
  });

  it('are given up at once by a process that stops, and only its own', async () => {
    const [one, two] = [new PostgresLeases(database, Date.now), new PostgresLeases(database, Date.now)];
    await one.hold('alerts', 60_000);
    await two.hold('retention', 60_000);
    await one.releaseAll();
    expect(await two.hold('alerts', 60_000)).toBe(true);
    expect(await one.hold('retention', 60_000)).toBe(false);
  });

  it('are held by nobody who cannot ask', async () => {
    const nowhere = new Database({ url: `postgresql://postgres@127.0.0.1:${await findFreePort()}/none` });
    const leases = new PostgresLeases(nowhere, Date.now);
    expect(await leases.hold('alerts', 60_000)).toBe(false);
    await leases.releaseAll();
    await nowhere.close();
  });
});
