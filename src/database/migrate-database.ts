import { Kysely, Migrator, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { DatabaseError } from './database-error';
import { explainDatabaseError } from './explain-database-error';
import { MIGRATIONS } from './migrations/migrations';

/** Where the names of the steps are kept that were run. */
const MIGRATION_TABLE = 'schema_migrations';
const MIGRATION_LOCK_TABLE = 'schema_migrations_lock';

/** A start waits no longer for a server that does not answer. */
const CONNECTION_TIMEOUT_MS = 5000;

/**
 * Brings a database to what this program works with: runs the steps it has not seen, all of them or none.
 *
 * Several programs may start at once: an advisory lock lets one after the other do it.
 *
 * @param url a secret: no error holds anything of it
 * @returns the names of the steps that were run, in order; none when there was nothing to do
 * @throws {DatabaseError} the server cannot be reached or used, or a newer version of this service was there
 */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const pool = new Pool({
    connectionString: url,
    max: 1,
    application_name: 'credit-scoring migration',
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
  });
  pool.on('error', () => undefined);
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await refuseNewerSchema(pool);
    const migrator = new Migrator({
      db: database,
      provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
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

function unusable(error: unknown): DatabaseError {
  const { code, advice } = explainDatabaseError(error);
  return new DatabaseError(`DATABASE_URL: the database cannot be used (${code}): ${advice}`, {
    cause: error,
  });
}

/** What a newer version changed is not known here: working on could damage it. */
async function refuseNewerSchema(pool: Pool): Promise<void> {
  const { rows: tables } = await pool.query<{ found: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS found',
    [MIGRATION_TABLE],
  );
  if (tables[0]?.found !== true) return;
  const { rows } = await pool.query<{ name: string }>(`SELECT name FROM ${MIGRATION_TABLE} ORDER BY name`);
  const unknown = rows.map(({ name }) => name).filter((name) => !(name in MIGRATIONS));
  if (unknown.length === 0) return;
  throw new DatabaseError(
    `DATABASE_URL: a newer version of this service has changed the database (${unknown.join(', ')}): ` +
      'start that version, or restore the backup made before it',
  );
}
