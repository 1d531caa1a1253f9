import { setTimeout as sleep } from 'node:timers/promises';
import { RedisRateLimitStore } from '../../src/rate-limit/redis-rate-limit-store';
import { describeRateLimitStore } from '../contract/rate-limit-store.contract';
import { RedisOfTheSpec } from '../factories/redis-of-the-spec';

const redis = RedisOfTheSpec.use();

describeRateLimitStore('RedisRateLimitStore', async (windowSeconds) => {
  await redis.empty();
  let now = Date.UTC(2026, 10, 25);
  return {
    store: new RedisRateLimitStore(redis.connection, windowSeconds, () => now),
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
});

describe('RedisRateLimitStore', () => {
  it('never grants more than the limit to many requests at once at several processes', async () => {
    const others = await Promise.all([1, 2].map(() => redis.connectAgain()));
    const stores = [redis.connection, ...others].map((connection) => new RedisRateLimitStore(connection, 60));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => stores).flatMap((all) =>
        all.map(async (store) => store.take('busy', 1, 100)),
      ),
    );
    expect(answers.filter((answer) => answer.granted)).toHaveLength(100);
    for (const connection of others) connection.close();
  });

  it('ends a window by the clock of Redis, and keeps nothing of it', async () => {
    const store = new RedisRateLimitStore(redis.connection, 1);
    expect(await store.take('brief', 3, 3)).toEqual({ granted: true, remaining: 0, resetSeconds: 1 });
    expect(await store.take('brief', 1, 3)).toMatchObject({ granted: false });
    await sleep(1_050);
    expect(await store.take('brief', 1, 3)).toMatchObject({ granted: true, remaining: 2 });
    await sleep(2_100);
    expect(await redis.connection.run((client) => client.exists('rate-limit:brief'))).toBe(0);
  });

  it('does not make a caller wait longer than a window after a clock was set back', async () => {
    let now = Date.UTC(2026, 10, 25, 12);
    const store = new RedisRateLimitStore(redis.connection, 60, () => now);
    await store.take('ahead', 1, 3);
    now -= 3_600_000;
    expect(await store.take('ahead', 1, 3)).toEqual({ granted: true, remaining: 1, resetSeconds: 60 });
  });

  it('counts in this process while Redis is away, on from what it knew, and shares again when it is back', async () => {
    const [first, second, third] = [1, 2, 3].map(() => new RedisRateLimitStore(redis.connection, 60));
    await first?.take('caller', 2, 3);
    expect(await second?.take('caller', 1, 3)).toMatchObject({ remaining: 0 });
    await redis.server.stop();
    expect(await first?.take('caller', 2, 3)).toMatchObject({ granted: false, remaining: 1 });
    expect(await first?.take('caller', 1, 3)).toMatchObject({ granted: true, remaining: 0 });
    expect(await second?.take('caller', 1, 3)).toMatchObject({ granted: false, remaining: 0 });
    expect(await third?.take('caller', 3, 3)).toMatchObject({ granted: true, remaining: 0 });
    await redis.comeBack();
    await first?.take('caller', 1, 3);
    expect(await second?.take('caller', 1, 3)).toMatchObject({ granted: true, remaining: 1 });
  });
});
