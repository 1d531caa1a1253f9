import { Logger } from '@nestjs/common';
import { RedisConnection } from '../../src/cache/redis-connection';
import { RedisSharedCache } from '../../src/cache/redis-shared-cache';
import { describeSharedCache } from '../contract/shared-cache.contract';
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

describeSharedCache('RedisSharedCache', async () => {
  await redis.run((client) => client.flushall());
  return new RedisSharedCache(redis);
});

describe('RedisSharedCache', () => {
  it('has nothing while Redis is away, and does not fail', async () => {
    const cache = new RedisSharedCache(redis);
    await cache.set('key', Buffer.from('value'), 60_000);
    await server.stop();
    expect(await cache.get('key')).toBeUndefined();
    await expect(cache.set('key', Buffer.from('value'), 60_000)).resolves.toBeUndefined();
    await server.start();
  });
});
