import { copyFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import request from 'supertest';
import { ACCESS_CONTROL, type AccessControl } from '../../src/auth/access-control';
import { CACHE_CONNECTION, type CacheConnection } from '../../src/cache/cache-connection';
import { ActiveModels } from '../../src/model/active-models';
import { type Prediction } from '../../src/prediction/prediction';
import { nameProbability } from '../../src/prediction/probabilities/name-probability';
import { type InputValues } from '../../src/scoring/application/application';
import { GuardedService } from '../factories/access';
import { PageVisitor, readFormToken } from '../factories/page-visitor';
import { RedisServer } from '../factories/servers/redis-server';
import { TcpProxy } from '../factories/tcp-proxy';

/** Of one caller, for a window longer than the test. */
const LIMIT = 6;

/** What a Redis that goes away may add to a request, and what one takes on a crowded machine; milliseconds. */
const [ADDED_MS, USUAL_MS] = [50, 150];

let redis: RedisServer;
/** With all rights. */
let redisClient: Redis;
let proxy: TcpProxy;
let instances: GuardedService[];
/** One key for all instances. */
let key: string;
let body: Record<string, unknown>;

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.remove());
beforeEach(async () => {
  await redis.restart();
  redisClient = new Redis(redis.port);
  proxy = await TcpProxy.to(redis.port);
  instances = [];
});
afterEach(async () => {
  for (const { service } of instances.reverse()) await service.remove();
  await proxy.close();
  redisClient.disconnect();
});

/** The rights that README asks for, and no others. */
const RIGHTS = ['~credit-scoring:*', '+@read', '+@write', '+@scripting', '+time'];

/** Starts instances that share nothing but Redis and the keys: each has a folder, and a copy of the keys, of its own. */
async function start(
  count: number,
  settings: Readonly<Record<string, string>> = {},
  port = redis.port,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    instances.push(
      await GuardedService.start({
        CACHE: 'redis',
        REDIS_URL: `redis://127.0.0.1:${port}`,
        SESSION_SECRET: 'a secret that all instances know',
        ...settings,
      }),
    );
  }
  key = await at(0).key();
  body = at(0).service.exampleBody();
  for (const instance of instances) {
    if (instance !== at(0)) await copyFile(at(0).keysPath, instance.keysPath);
    const access = instance.service.app.get<AccessControl>(ACCESS_CONTROL, { strict: false });
    if (access.mode === 'on') await access.keys.refresh();
    await untilWorking(instance);
  }
}

function at(index: number): GuardedService {
  const instance = instances[index];
  if (instance === undefined) throw new Error(`Instance ${index} was not started`);
  return instance;
}

async function untilWorking({ service }: GuardedService): Promise<void> {
  const cache = service.app.get<CacheConnection>(CACHE_CONNECTION, { strict: false });
  if (cache.kind !== 'redis') throw new Error('The service does not use Redis');
  for (let waited = 0; !cache.redis.isWorking; waited += 20) {
    if (waited > 10_000) throw new Error('Redis was not noticed to be back within 10 s');
    await sleep(20);
  }
}

function predict(index: number, application: object = body): request.Test {
  return request(at(index).service.server)
    .post('/predict')
    .set('Authorization', `Bearer ${key}`)
    .send(application);
}

/** The decision made again, by the newest instance. */
async function replay(id: string): Promise<request.Response> {
  return request(at(instances.length - 1).service.server)
    .post(`/predictions/${id}/replay`)
    .set('Authorization', `Bearer ${key}`)
    .expect(200);
}

/** Requests to the instances in turn: their statuses. */
async function askInTurn(count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let turn = 0; turn < count; turn++) {
    statuses.push((await predict(turn % instances.length)).status);
  }
  return statuses;
}

const FAULTS: readonly [string, () => Promise<void> | void, () => Promise<void> | void][] = [
  ['killed', () => redis.stop(), () => redis.start()],
  ['cut off', () => proxy.cut(), () => proxy.heal()],
  [
    'frozen',
    () => {
      proxy.freeze();
    },
    () => proxy.heal(),
  ],
  [
    'slow by 200 ms',
    () => {
      proxy.delay(200);
    },
    () => proxy.heal(),
  ],
];

describe('two instances on one Redis', () => {
  it('grant a caller one limit together', async () => {
    await start(2, { RATE_LIMIT: `${LIMIT}/600` });
    const statuses = await askInTurn(LIMIT + 4);
    expect(statuses).toEqual([...Array<number>(LIMIT).fill(200), 429, 429, 429, 429]);
  });

  it('end a session at both when it is logged out at one', async () => {
    await start(2);
    const visitor = new PageVisitor(at(0).service);
    await visitor.logIn(key);
    const elsewhere = new PageVisitor(at(1).service);
    const copied = new PageVisitor(at(1).service);
    for (const other of [elsewhere, copied]) {
      for (const [name, value] of visitor.cookies) other.cookies.set(name, value);
    }
    expect((await elsewhere.open('/monitoring')).status).toBe(200);
    const page = await visitor.open('/monitoring');
    const token = /name="csrf-token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    await visitor.send('/monitoring/logout', { 'csrf-token': token });
    expect((await copied.open('/monitoring')).status).not.toBe(200);
    // Copied by now: known without Redis too.
    await sleep(2_500);
    await redis.stop();
    expect((await copied.open('/monitoring')).status).not.toBe(200);
    await redis.start();
  });

  it('slow down at the other who failed to log in at one', async () => {
    await start(2, { TRUST_PROXY: '127.0.0.1,::1' });
    const wrongKey = (letter: string): string => `pad_${letter.repeat(8)}_${'x'.repeat(43)}`;
    const [tried, another] = [wrongKey('a'), wrongKey('b')];
    const from = (instance: number, address: string): PageVisitor =>
      new PageVisitor(at(instance).service, { 'X-Forwarded-For': address });
    const failing = from(0, '203.0.113.1');
    for (let attempt = 0; attempt < 4; attempt++) await failing.logIn(tried);
    // Twice more, when the wait is over: the next one is four seconds, longer than a page takes anywhere.
    for (const waitMs of [1_100, 2_100]) {
      await sleep(waitMs);
      await failing.logIn(tried);
    }
    // By the address and by the key, each of which is enough.
    expect((await from(1, '203.0.113.1').logIn(another)).status).toBe(429);
    expect((await from(1, '203.0.113.2').logIn(tried)).status).toBe(429);
    expect((await from(1, '203.0.113.2').logIn(another)).status).toBe(401);
  });
});

describe('a Redis whose user may do what README asks for, and no more', () => {
  it('shares everything, and refuses nothing', async () => {
    await redisClient.call('ACL', 'SETUSER', 'scoring', 'reset', 'on', '>word', ...RIGHTS);
    await start(2, {
      REDIS_URL: `redis://scoring:word@127.0.0.1:${redis.port}`,
      RATE_LIMIT: `${LIMIT}/600`,
      CACHE_PREDICTIONS: 'on',
    });
    expect(await askInTurn(LIMIT + 2)).toEqual([...Array<number>(LIMIT).fill(200), 429, 429]);
    const visitor = new PageVisitor(at(0).service);
    await visitor.logIn('wrong');
    // The other caller has nothing left.
    await visitor.logIn(await at(0).key({ name: 'visitor' }));
    const token = readFormToken(await visitor.open('/monitoring'));
    await visitor.send('/monitoring/logout', { 'csrf-token': token });
    // What was ended is copied each second.
    await sleep(1_500);
    const kept = await redisClient.keys('*');
    expect(kept.map((name) => name.split(':')[1])).toEqual(
      expect.arrayContaining(['rate-limit', 'cache', 'ended-sessions', 'ended-sessions-mark']),
    );
    expect(await redisClient.call('ACL', 'LOG')).toEqual([]);
  });
});

describe('while Redis is away', () => {
  it.each(FAULTS)(
    '(%s) the same is answered, at once, and limits are counted by each process; then shared again',
    async (_how, leave, comeBack) => {
      await start(2, { RATE_LIMIT: `${LIMIT}/600`, CACHE_PREDICTIONS: 'on' }, proxy.port);
      const { probability } = (await predict(0).expect(200)).body as Prediction;
      await leave();
      const times: number[] = [];
      // As many as one process grants, at each: by far more than they grant together.
      for (let turn = 0; turn < 2 * (LIMIT - 1); turn++) {
        const started = performance.now();
        const answer = (await predict(turn % 2).expect(200)).body as Prediction;
        times.push(performance.now() - started);
        expect(answer.probability).toBe(probability);
      }
      expect(Math.max(...times)).toBeLessThan(ADDED_MS + USUAL_MS);
      // If every request tried, each would be 25 ms late for each of its two commands.
      const later = times.slice(2);
      expect(later.reduce((sum, time) => sum + time, 0) / later.length).toBeLessThan(50);
      await comeBack();
      for (const instance of instances) await untilWorking(instance);
      const statuses = await askInTurn(2 * LIMIT);
      const granted = statuses.filter((status) => status === 200).length;
      expect(granted).toBeLessThanOrEqual(LIMIT);
      // By itself each process had one left.
      expect(granted).toBeGreaterThan(2);
    },
  );

  it('a service starts, and shares when Redis comes', async () => {
    await proxy.cut();
    const starting = start(1, { RATE_LIMIT: `${LIMIT}/600` }, proxy.port);
    while (instances.length === 0) await sleep(50);
    await at(0).service.get('/health/ready').expect(200);
    await proxy.heal();
    await starting;
    await predict(0).expect(200);
  });
});

describe('CACHE_PREDICTIONS=on', () => {
  it('answers an application that another instance scored with its probability, as a decision of its own', async () => {
    await start(2, { CACHE_PREDICTIONS: 'on' });
    const first = (await predict(0).expect(200)).body as Prediction;
    // Written beside the answer.
    await sleep(100);
    const again = (await predict(1, { ...body, clientId: 'another-client' }).expect(200)).body as Prediction;
    expect(again.probability).toBe(first.probability);
    expect(again).toMatchObject({ score: first.score, decision: first.decision, clientId: 'another-client' });
    expect(again.id).not.toBe(first.id);
    const record = await request(at(1).service.server)
      .get(`/predictions/${again.id}`)
      .set('Authorization', `Bearer ${key}`);
    expect(record.body).toMatchObject({ id: again.id, clientId: 'another-client', inputs: body });
    expect((await replay(again.id)).body).toMatchObject({ identical: true });
  });

  it('believes what Redis holds, and a replay shows when that was not what the model says', async () => {
    await start(1, { CACHE_PREDICTIONS: 'on' });
    const model = at(0).service.app.get(ActiveModels, { strict: false }).champion();
    const planted = Buffer.alloc(8);
    planted.writeDoubleLE(0.5);
    const name = nameProbability(model, body as InputValues);
    await redisClient.set(`credit-scoring:cache:${name}`, planted);
    const decided = (await predict(0).expect(200)).body as Prediction;
    expect(decided.probability).toBe(0.5);
    expect((await replay(decided.id)).body).toMatchObject({ identical: false });
  });
});
