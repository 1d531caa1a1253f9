import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { type RecordsPage } from '../../src/logging/records.service';
import { aDecision, aRefusal } from '../factories/prediction-record';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';

const DAY_MS = 86_400_000;
/** More than one answer looks through, when it must look at every record. */
const OTHERS = 11_000;

let server: PostgresServer;
let service: Service;
/** Of the client asked for, oldest first: before all others, and behind them. */
let mine: readonly DecisionRecord[];

beforeAll(async () => {
  server = await PostgresServer.start();
  const url = await server.createDatabase();
  await migrateDatabase(url);
  const database = new Database({ url });
  let now = Date.now() - 70 * DAY_MS;
  const log = await PostgresPredictionLog.open({ database, clock: () => now });
  const append = (draft: Parameters<typeof aDecision>[0]): Promise<DecisionRecord> =>
    log.append<DecisionRecord>(aDecision(draft));
  const old: DecisionRecord[] = [];
  for (const decision of ['APPROVED', 'REJECTED'] as const) {
    old.push(await append({ clientId: 'client-1', decision }));
  }
  await log.append(aRefusal({ clientId: 'client-1' }));
  now = Date.now() - DAY_MS;
  await Promise.all(Array.from({ length: OTHERS }, (_, index) => append({ clientId: `other-${index}` })));
  mine = [...old, await append({ clientId: 'client-1', decision: 'APPROVED' })];
  await log.close();
  await database.close();
  service = await Service.start({ STORAGE: 'postgres', DATABASE_URL: url, ROLES: 'api' });
});
afterAll(async () => {
  await service.remove();
  await server.remove();
});

async function list(query: string): Promise<RecordsPage> {
  return (await service.get(`/predictions?${query}`).expect(200)).body as RecordsPage;
}

describe("a client's decisions, in a log of many others", () => {
  it('are all in one answer, newest first, however far back they are', async () => {
    expect(await list('clientId=client-1')).toEqual({ items: mine.toReversed() });
  });

  it('are listed page by page', async () => {
    const first = await list('clientId=client-1&limit=2');
    expect(first.items).toEqual(mine.slice(1).toReversed());
    const second = await list(`clientId=client-1&limit=2&cursor=${first.nextCursor ?? ''}`);
    expect(second).toEqual({ items: mine.slice(0, 1) });
  });

  it('are listed of a span of time, and by their decision', async () => {
    const from = new Date(Date.now() - 7 * DAY_MS).toISOString();
    expect((await list(`clientId=client-1&from=${from}`)).items).toEqual(mine.slice(2));
    expect((await list(`clientId=client-1&to=${from}`)).items).toEqual(mine.slice(0, 2).toReversed());
    expect(await list('clientId=client-1&decision=REJECTED')).toEqual({ items: mine.slice(1, 2) });
  });

  it('are none of a client whom the log does not know', async () => {
    expect(await list('clientId=client')).toEqual({ items: [] });
  });
});
