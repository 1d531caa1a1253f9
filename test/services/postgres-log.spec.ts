import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresLogReader } from '../../src/logging/postgres/postgres-log-reader';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { aDecision } from '../factories/prediction-record';
import { describeKeyKeepingLog } from '../contract/key-keeping-log.contract';
import { describePredictionLog, type LogStore } from '../contract/prediction-log.contract';
import { PostgresServer } from '../factories/servers/postgres-server';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server.remove();
});

function storeWith({
  beside,
}: {
  /** Whether records are read over other connections than the writer's process has. */
  readonly beside: boolean;
}): () => Promise<LogStore> {
  return async () => {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    const database = new Database({ url });
    return {
      open: async (clock) => {
        const writer = await PostgresPredictionLog.open({ database, clock });
        return { writer, reader: beside ? PostgresLogReader.open({ url }) : writer };
      },
      remove: () => database.close(),
    };
  };
}

describePredictionLog('PostgreSQL', storeWith({ beside: false }));
describePredictionLog('PostgreSQL, read beside the writer', storeWith({ beside: true }));

describeKeyKeepingLog('PostgreSQL', async () => {
  const url = await server.createDatabase();
  await migrateDatabase(url);
  const database = new Database({ url });
  return {
    open: (clock) => PostgresPredictionLog.open({ database, clock }),
    remove: () => database.close(),
  };
});

it('keeps a record for sure, on a database that does not wait for its disk otherwise', async () => {
  const url = await server.createDatabase();
  await migrateDatabase(url);
  const database = new Database({ url });
  await database.query(`
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$;
    CREATE TABLE commits (synchronous text);
    CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO commits VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
    CREATE TRIGGER note_commit AFTER UPDATE ON log_head FOR EACH ROW EXECUTE FUNCTION note_commit()`);
  const log = await PostgresPredictionLog.open({ database, clock: Date.now });
  await log.append(aDecision());
  await log.close();
  const { rows } = await database.query<{ synchronous: string }>('SELECT DISTINCT synchronous FROM commits');
  await database.close();
  expect(rows).toEqual([{ synchronous: 'on' }]);
});
