import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { RedisConnection } from '../../src/cache/redis-connection';
import { RedisKeysInFlight } from '../../src/prediction/idempotency/redis-keys-in-flight';
import { describeKeysInFlight } from '../contract/keys-in-flight.contract';
import { RedisServer } from '../factories/servers/redis-server';

/** What is tested is not how soon Redis answers on a crowded machine. */
const PATIENCE_MS = 2_000;

let server: RedisServer;
let redis: RedisConnection;
beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await RedisServer.start();
  redis = await RedisConnection.open(server.url, PATIENCE_MS);
});
afterAll(async () => {
  redis.close();
  await server.remove();
});
beforeEach(() => redis.run((client) => client.flushall()));

describeKeysInFlight('RedisKeysInFlight', () => new RedisKeysInFlight(redis));

/** As two processes have them. */
function openTwo(heldMs?: number): [RedisKeysInFlight, RedisKeysInFlight] {
  return [new RedisKeysInFlight(redis, heldMs), new RedisKeysInFlight(redis, heldMs)];
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
    await server.stop();
    const release = await first.take('a');
    expect(await first.take('a')).toBeUndefined();
    expect(await second.take('a')).toBeDefined();
    await release?.();
    expect(await first.take('a')).toBeDefined();
    await server.start();
  });
});
