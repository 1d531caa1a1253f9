import { PostgresLogUpkeep } from '../../src/audit/postgres/postgres-log-upkeep';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { describeLogUpkeep } from '../contract/log-upkeep.contract';
import { PostgresServer } from '../factories/servers/postgres-server';

let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());

describeLogUpkeep('PostgreSQL', async (clock) => {
  const url = await server.createDatabase();
  await migrateDatabase(url);
  const database = new Database({ url });
  const log = await PostgresPredictionLog.open({ database, clock });
  return {
    log,
    upkeep: PostgresLogUpkeep.at(url, Date.now),
    otherUpkeep: PostgresLogUpkeep.at(url, Date.now),
    remove: async () => {
      await log.close();
      await database.close();
    },
  };
});
