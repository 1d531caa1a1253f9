import { Kysely, Migrator, PostgresAdapter, PostgresDialect, sql } from 'kysely';
import { escapeIdentifier, Pool } from 'pg';
import { addressOf } from './database-address';
import { DatabaseError } from './database-error';
import { explainDatabaseError } from './explain-database-error';
import { MIGRATIONS } from './migrations/migrations';

/** Where the names of the steps are kept that were run. */
const MIGRATION_TABLE = 'schema_migrations';
const MIGRATION_LOCK_TABLE = 'schema_migrations_lock';

/** A start waits no longer for a server that does not answer. */
const CONNECTION_TIMEOUT_MS = 5000;

/** Longer than steps take as a rule, and short enough that whoever looks at a silent start is told why. */
const LOCK_TIMEOUT_MS = 60_000;

/** Any number, the same in every version: that of Kysely, with which the first versions waited for each other. */
const MIGRATION_LOCK = 3_853_314_791_062_309_107n;

/** SQLSTATE: a lock was not to be had in time, and there is no column of that name. */
const LOCK_NOT_AVAILABLE = '55P03';
const UNDEFINED_COLUMN = '42703';

/** How a database is migrated. */
export interface MigrationOptions {
  /** How long to wait for a session that holds a lock which is needed, such as another migration; a minute unless given. */
  readonly lockTimeoutMs?: number;
}

/**
 * Brings a database to what this program works with: runs the steps it has not seen, all of them or none.
 *
 * Several programs may start at once: an advisory lock lets one after the other do it. When there is nothing to do no
 * lock is taken, and reading the table `schema_migrations` is all that the user must be allowed to do. Tables are in the
 * first schema of the user's search_path; those of other schemas are another service's.
 *
 * @param url a secret: no error holds anything of it
 * @returns the names of the steps that were run, in order; none when there was nothing to do
 * @throws {DatabaseError} the server cannot be reached or used, or a newer version of this service was there
 */
export async function migrateDatabase(
  url: string,
  { lockTimeoutMs = LOCK_TIMEOUT_MS }: MigrationOptions = {},
): Promise<readonly string[]> {
  const pool = new Pool({
    ...addressOf(url),
    max: 1,
    application_name: 'credit-scoring migration',
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    lock_timeout: lockTimeoutMs,
  });
  pool.on('error', () => undefined);
  const database = new Kysely<unknown>({ dialect: new MigrationDialect({ pool }) });
  try {
    const schema = await findSchema(pool);
    const done = await readSteps(pool, schema);
    refuseNewer(done);
    if (Object.keys(MIGRATIONS).every((name) => done.includes(name))) return [];
    const migrator = new Migrator({
      db: database,
      provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
      migrationTableSchema: schema,
      migrationTableName: MIGRATION_TABLE,
      migrationLockTableName: MIGRATION_LOCK_TABLE,
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw unusable(error);
    return results.map(({ migrationName }) => migrationName);
  } catch (error) {
    throw error instanceof DatabaseError ? error : unusable(error);
  } finally {
    await database.destroy();
  }
}

/** Waits for the lock as long as the session waits for any lock; Kysely's own would wait for an hour. */
class MigrationAdapter extends PostgresAdapter {
  override async acquireMigrationLock(database: Kysely<unknown>): Promise<void> {
    await sql`SELECT pg_advisory_lock(${sql.lit(MIGRATION_LOCK)})`.execute(database);
  }
}

class MigrationDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new MigrationAdapter();
  }
}

function unusable(error: unknown): DatabaseError {
  const { code, advice } = explainDatabaseError(error);
  const whatToDo =
    code === LOCK_NOT_AVAILABLE
      ? 'another session held what the migration has to change for too long. Let another migration end, or see in ' +
        'pg_locks and pg_stat_activity which session it is; then start again'
      : advice;
  return new DatabaseError(`DATABASE_URL: the database cannot be used (${code}): ${whatToDo}`, {
    cause: error,
  });
}

/** Where the user's tables are made, and found first. */
async function findSchema(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ schema: string | null }>('SELECT current_schema() AS schema');
  const schema = rows[0]?.schema ?? null;
  if (schema !== null) return schema;
  throw new DatabaseError(
    'DATABASE_URL: no schema in the search_path of the user exists and may be used: create one, or grant USAGE on it',
  );
}

/** The steps that were run; none in a database that no version has seen. */
async function readSteps(pool: Pool, schema: string): Promise<readonly string[]> {
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(MIGRATION_TABLE)}`;
  const { rows: tables } = await pool.query<{ found: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS found',
    [table],
  );
  if (tables[0]?.found !== true) return [];
  try {
    const { rows } = await pool.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY name`);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (explainDatabaseError(error).code !== UNDEFINED_COLUMN) throw error;
    throw new DatabaseError(
      `DATABASE_URL: the table ${MIGRATION_TABLE} is that of another program: give this service a database, or a ` +
        'schema, of its own',
      { cause: error },
    );
  }
}

/** What a newer version changed is not known here: working on could damage it. */
function refuseNewer(done: readonly string[]): void {
  const unknown = done.filter((name) => !(name in MIGRATIONS));
  if (unknown.length === 0) return;
  throw new DatabaseError(
    `DATABASE_URL: a newer version of this service has changed the database (${unknown.join(', ')}): ` +
      'start that version, or restore the backup made before it',
  );
}
