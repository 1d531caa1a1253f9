import { RedisSharedCache } from '../../src/cache/redis-shared-cache';
import { describeSharedCache } from '../contract/shared-cache.contract';
import { RedisOfTheSpec } from '../factories/redis-of-the-spec';

const redis = RedisOfTheSpec.use();

describeSharedCache('RedisSharedCache', () => new RedisSharedCache(redis.connection));

describe('RedisSharedCache', () => {
  it('has nothing while Redis is away, and does not fail', async () => {
    const cache = new RedisSharedCache(redis.connection);
    await cache.set('key', Buffer.from('value'), 60_000);
    await redis.server.stop();
    expect(await cache.get('key')).toBeUndefined();
    await expect(cache.set('key', Buffer.from('value'), 60_000)).resolves.toBeUndefined();
    await redis.comeBack();
  });
});
