import { openDatabase } from '../../src/database/open-database';
import { type Database } from '../../src/database/database';
import { firstIdAt } from '../../src/logging/issue-record-id';
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

describeQueueStores('PostgreSQL', open);

describe('the place of events in PostgreSQL', () => {
  it('is not taken back by a publisher that was frozen in the meantime', async () => {
    const { eventCursor } = await open();
    await eventCursor.begin(firstIdAt(1_000));
    await eventCursor.move(firstIdAt(3_000));
    await eventCursor.move(firstIdAt(2_000));
    expect(await eventCursor.load()).toBe(firstIdAt(3_000));
  });
});
