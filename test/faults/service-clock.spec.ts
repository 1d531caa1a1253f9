import { mkdtemp, rm } from 'node:fs/promises';
import { type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type INestApplication } from '@nestjs/common';
import request from 'supertest';
import { ApplicationLogger } from '../../src/common/application-logger';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { createApplication } from '../../src/create-application';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { type RecordsPage } from '../../src/logging/records.service';
import { type Prediction } from '../../src/prediction/prediction';
import { exampleBody } from './service-process';

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 10, 23, 12);

let dataFolder: string;
let now: number;
/** Closed after a test that failed, too: closing twice does no harm. */
const started: INestApplication[] = [];
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'service-clock-'));
  now = NOON;
});
afterEach(async () => {
  for (const app of started.splice(0)) await app.close();
  await rm(dataFolder, { recursive: true, force: true });
});

async function start(): Promise<INestApplication> {
  const configuration = parseConfiguration({ DATA_DIR: dataFolder, ROLES: 'api', PORT: '0' });
  const fail = (error: Error): never => {
    throw error;
  };
  const app = await createApplication(configuration, new ApplicationLogger('silent'), fail, () => now);
  started.push(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

/** Just after a start keys are refused until those of the last day are read. */
async function decide(app: INestApplication, key?: string): Promise<string> {
  for (;;) {
    const asking = request(app.getHttpServer() as Server)
      .post('/predict')
      .type('json');
    const keyed = key === undefined ? asking : asking.set('Idempotency-Key', key);
    const answer = await keyed.send(exampleBody());
    if (answer.status === 200) return (answer.body as Prediction).id;
    expect([answer.status, key]).toEqual([503, expect.any(String)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function listOldestFirst(app: INestApplication): Promise<readonly DecisionRecord[]> {
  const answer = await request(app.getHttpServer() as Server)
    .get('/predictions?limit=200')
    .expect(200);
  return [...(answer.body as RecordsPage).items].reverse();
}

describe('a clock that steps by an hour', () => {
  it('back: ids go on rising, times stand still until the clock has caught up, each record is found, also after a restart', async () => {
    const app = await start();
    const ids = [await decide(app)];
    now = NOON - HOUR_MS;
    for (let count = 0; count < 20; count++) ids.push(await decide(app));
    const held = await listOldestFirst(app);
    expect(held.map(({ id }) => id)).toEqual(ids);
    expect(new Set(held.map(({ at }) => at))).toEqual(new Set([new Date(NOON).toISOString()]));
    await app.close();

    const again = await start();
    ids.push(await decide(again));
    now = NOON + 1000;
    ids.push(await decide(again));
    const all = await listOldestFirst(again);
    expect(all.map(({ id }) => id)).toEqual(ids);
    expect([...ids].sort()).toEqual(ids);
    expect(all.at(-1)?.at).toBe(new Date(NOON + 1000).toISOString());
    for (const id of ids)
      await request(again.getHttpServer() as Server)
        .get(`/predictions/${id}`)
        .expect(200);
    await again.close();
  });

  it('forward: decisions go on at the new time, and a key that was used before is still answered once', async () => {
    const app = await start();
    const first = await decide(app, 'order-1');
    now = NOON + HOUR_MS;
    expect(await decide(app, 'order-1')).toBe(first);
    const second = await decide(app);
    now = NOON;
    expect(await decide(app, 'order-1')).toBe(first);
    const held = await listOldestFirst(app);
    expect(held.map(({ id, at }) => [id, at])).toEqual([
      [first, new Date(NOON).toISOString()],
      [second, new Date(NOON + HOUR_MS).toISOString()],
    ]);
    await app.close();
  });
});
