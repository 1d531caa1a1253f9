import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from '../../src/cache/redis-connection';
import { RedisRateLimitStore } from '../../src/rate-limit/redis-rate-limit-store';
import { describeRateLimitStore } from '../contract/rate-limit-store.contract';
import { RedisServer } from '../factories/servers/redis-server';

/** What is tested is not how soon Redis answers on a crowded machine. */
const PATIENCE_MS = 2_000;

let server: RedisServer;
let redis: RedisConnection;
beforeAll(async () => {
  server = await RedisServer.start();
  redis = await RedisConnection.open(server.url, PATIENCE_MS);
});
afterAll(async () => {
  redis.close();
  await server.remove();
});

describeRateLimitStore('RedisRateLimitStore', async (windowSeconds) => {
  await redis.run((client) => client.flushall());
  let now = Date.UTC(2026, 10, 25);
  return {
    store: new RedisRateLimitStore(redis, windowSeconds, () => now),
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
});

describe('RedisRateLimitStore', () => {
  it('never grants more than the limit to many requests at once at several processes', async () => {
    const others = await Promise.all([1, 2].map(() => RedisConnection.open(server.url, PATIENCE_MS)));
    const stores = [redis, ...others].map((connection) => new RedisRateLimitStore(connection, 60));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => stores).flatMap((all) =>
        all.map(async (store) => store.take('busy', 1, 100)),
      ),
    );
    expect(answers.filter((answer) => answer.granted)).toHaveLength(100);
    for (const connection of others) connection.close();
  });

  it('ends a window by the clock of Redis, and keeps nothing of it', async () => {
    const store = new RedisRateLimitStore(redis, 1);
    expect(await store.take('brief', 3, 3)).toEqual({ granted: true, remaining: 0, resetSeconds: 1 });
    expect(await store.take('brief', 1, 3)).toMatchObject({ granted: false });
    await sleep(1_050);
    expect(await store.take('brief', 1, 3)).toMatchObject({ granted: true, remaining: 2 });
    await sleep(2_100);
    expect(await redis.run((client) => client.exists('rate-limit:brief'))).toBe(0);
  });

  it('does not make a caller wait longer than a window after a clock was set back', async () => {
    let now = Date.UTC(2026, 10, 25, 12);
    const store = new RedisRateLimitStore(redis, 60, () => now);
    await store.take('ahead', 1, 3);
    now -= 3_600_000;
    expect(await store.take('ahead', 1, 3)).toEqual({ granted: true, remaining: 1, resetSeconds: 60 });
  });

  it('counts in this process while Redis is away, on from what it knew, and shares again when it is back', async () => {
    const [first, second, third] = [1, 2, 3].map(() => new RedisRateLimitStore(redis, 60));
    await first?.take('caller', 2, 3);
    expect(await second?.take('caller', 1, 3)).toMatchObject({ remaining: 0 });
    await server.stop();
    expect(await first?.take('caller', 2, 3)).toMatchObject({ granted: false, remaining: 1 });
    expect(await first?.take('caller', 1, 3)).toMatchObject({ granted: true, remaining: 0 });
    expect(await second?.take('caller', 1, 3)).toMatchObject({ granted: false, remaining: 0 });
    expect(await third?.take('caller', 3, 3)).toMatchObject({ granted: true, remaining: 0 });
    await server.start();
    for (let waited = 0; !redis.isWorking && waited < 5_000; waited += 20) await sleep(20);
    await first?.take('caller', 1, 3);
    expect(await second?.take('caller', 1, 3)).toMatchObject({ granted: true, remaining: 1 });
  });
});
