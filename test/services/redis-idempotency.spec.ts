import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import request, { type Response } from 'supertest';
import { CACHE_CONNECTION, type CacheConnection } from '../../src/cache/cache-connection';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RedisServer } from '../factories/servers/redis-server';
import { Service } from '../factories/service';
import { TcpProxy } from '../factories/tcp-proxy';

let postgres: PostgresServer;
let redis: RedisServer;
let proxy: TcpProxy;
let databaseUrl: string;
let instances: [Service, Service];
let body: Record<string, unknown>;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
  proxy = await TcpProxy.to(redis.port);
  databaseUrl = await postgres.createDatabase();
  const settings = {
    STORAGE: 'postgres',
    DATABASE_URL: databaseUrl,
    CACHE: 'redis',
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    ROLES: 'api',
  };
  instances = [await Service.start(settings), await Service.start(settings)];
  body = instances[0].exampleBody();
});
afterAll(async () => {
  for (const instance of instances) await instance.remove();
  await proxy.close();
  await Promise.all([redis.remove(), postgres.remove()]);
});

async function send(instance: Service, key: string, clientId: string): Promise<Response> {
  return request(instance.server)
    .post('/predict')
    .set('Idempotency-Key', key)
    .send({ ...body, clientId });
}

/** The same request so many times at once, to both instances in turn. */
function sendOften(count: number, key: string): Promise<Response[]> {
  return Promise.all(
    Array.from({ length: count }, (_, turn) => send(instances[turn % 2 === 0 ? 0 : 1], key, key)),
  );
}

async function countDecisions(clientId: string): Promise<number> {
  const answer = await instances[0].get(`/predictions?clientId=${clientId}`).expect(200);
  return (answer.body as { items: unknown[] }).items.length;
}

/** Resolves when an instance has noticed that Redis is there again. */
async function untilShared(instance: Service): Promise<void> {
  const cache = instance.app.get<CacheConnection>(CACHE_CONNECTION, { strict: false });
  if (cache.kind !== 'redis') throw new Error('This test is about Redis');
  for (let waited = 0; !cache.redis.isWorking; waited += 20) {
    if (waited > 10_000) throw new Error('Redis was not found again within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function statusesOf(answers: readonly Response[]): Set<number> {
  return new Set(answers.map(({ status }) => status));
}

describe('a key that is sent to two instances', () => {
  it.each([
    ['with Redis', () => undefined],
    [
      'without Redis, where the database alone decides',
      () => {
        proxy.freeze();
      },
    ],
  ])('stands for one decision, however many requests come at once: %s', async (how, prepare) => {
    prepare();
    const key = how.startsWith('without') ? 'many-without' : 'many-with';
    const answers = await sendOften(100, key);
    await proxy.heal();
    const decided = answers.filter(({ status }) => status === 200);
    expect(decided.length).toBeGreaterThan(0);
    expect(new Set(decided.map(({ text }) => text)).size).toBe(1);
    for (const status of statusesOf(answers)) expect([200, 409]).toContain(status);
    expect(await countDecisions(key)).toBe(1);

    const again = await sendOften(20, key);
    expect(statusesOf(again)).toEqual(new Set([200]));
    for (const answer of again) {
      expect(answer.text).toBe(decided[0]?.text);
      expect(answer.headers['idempotent-replayed']).toBe('true');
    }
  });

  it('is refused with 422 by either for another application', async () => {
    await send(instances[0], 'reused', 'client-a');
    for (const instance of instances) expect((await send(instance, 'reused', 'client-b')).status).toBe(422);
    expect(await countDecisions('client-b')).toBe(0);
  });

  it('is refused with 409 by one while the other is deciding', async () => {
    await Promise.all(instances.map(untilShared));
    const blocker = new Client(databaseUrl);
    await blocker.connect();
    try {
      await blocker.query('BEGIN');
      await blocker.query('SELECT * FROM log_head FOR UPDATE');
      const first = send(instances[0], 'slow', 'slow');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const second = await send(instances[1], 'slow', 'slow');
      expect(second.status).toBe(409);
      expect(second.headers['retry-after']).toBe('1');
      await blocker.query('ROLLBACK');
      expect((await first).status).toBe(200);
      expect((await send(instances[1], 'slow', 'slow')).text).toBe((await first).text);
    } finally {
      await blocker.end();
    }
  });

  it('is kept by no memory of an instance', () => {
    for (const { dataFolder } of instances) {
      expect(existsSync(join(dataFolder, 'logs', 'idempotency'))).toBe(false);
    }
  });

  it('gets 503 with Retry-After while the database is down, and decides once when it is back', async () => {
    await postgres.stop('immediate');
    const refused = await send(instances[0], 'down', 'down');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    await postgres.start();
    let answer = refused;
    for (let attempt = 0; attempt < 100 && answer.status === 503; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = await send(instances[1], 'down', 'down');
    }
    expect(answer.status).toBe(200);
    expect(await countDecisions('down')).toBe(1);
  });
});
