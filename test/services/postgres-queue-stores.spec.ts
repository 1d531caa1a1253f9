import { openDatabase } from '../../src/database/open-database';
import { type Database } from '../../src/database/database';
import { openStores } from '../../src/queue/open-stores';
import { describeQueueStores } from '../contract/queue-stores.contract';
import { PostgresServer } from '../factories/servers/postgres-server';

let server: PostgresServer;
let database: Database;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());
beforeEach(async () => {
  database = await openDatabase(await server.createDatabase());
});
afterEach(() => database.close());

const open = (): ReturnType<typeof openStores> =>
  openStores({ log: { folder: 'not used', fsync: 'never' } }, database, Date.now);

describeQueueStores('PostgreSQL', open, async () => {
  await database.query("UPDATE failed_jobs SET failed_at = now() - interval '25 hours'", []);
});
