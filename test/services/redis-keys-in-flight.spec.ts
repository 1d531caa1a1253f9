import { setTimeout as sleep } from 'node:timers/promises';
import { RedisKeysInFlight } from '../../src/prediction/idempotency/redis-keys-in-flight';
import { describeKeysInFlight } from '../contract/keys-in-flight.contract';
import { RedisOfTheSpec } from '../factories/redis-of-the-spec';

const redis = RedisOfTheSpec.use();

describeKeysInFlight('RedisKeysInFlight', () => new RedisKeysInFlight(redis.connection));

/** As two processes have them. */
function openTwo(heldMs?: number): [RedisKeysInFlight, RedisKeysInFlight] {
  return [new RedisKeysInFlight(redis.connection, heldMs), new RedisKeysInFlight(redis.connection, heldMs)];
}

describe('RedisKeysInFlight', () => {
  it('refuses a key that another process has, until it is given back', async () => {
    const [first, second] = openTwo();
    const release = await first.take('a');
    expect(await second.take('a')).toBeUndefined();
    await release?.();
    expect(await second.take('a')).toBeDefined();
  });

  it('frees the key of a process that was killed, after its time', async () => {
    const [killed, other] = openTwo(200);
    await killed.take('a');
    expect(await other.take('a')).toBeUndefined();
    await sleep(300);
    expect(await other.take('a')).toBeDefined();
  });

  it('does not give back what has lapsed and is another’s now', async () => {
    const [slow, other] = openTwo(200);
    const releaseLate = await slow.take('a');
    await sleep(300);
    await other.take('a');
    await releaseLate?.();
    expect(await slow.take('a')).toBeUndefined();
  });

  it('knows those of this process while Redis is away', async () => {
    const [first, second] = openTwo();
    await redis.server.stop();
    const release = await first.take('a');
    expect(await first.take('a')).toBeUndefined();
    expect(await second.take('a')).toBeDefined();
    await release?.();
    expect(await first.take('a')).toBeDefined();
    await redis.comeBack();
  });
});
