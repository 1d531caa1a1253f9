import { setTimeout as sleep } from 'node:timers/promises';
import { RedisServer } from '../factories/servers/redis-server';
import { Service } from '../factories/service';

const SEEN_WITHIN_MS = 5_000;

async function untilCacheIs(service: Service, state: string): Promise<void> {
  for (const deadline = Date.now() + SEEN_WITHIN_MS; Date.now() < deadline;) {
    const { parts } = (await service.get('/health').expect(200)).body as { parts: { cache: string } };
    if (parts.cache === state) return;
    await sleep(50);
  }
  throw new Error(`The cache was not ${state} in time`);
}

describe('a service that uses Redis', () => {
  it('tells in its health whether Redis is there, and stays ready without it', async () => {
    const redis = await RedisServer.start();
    const service = await Service.start({ CACHE: 'redis', REDIS_URL: redis.url });
    await untilCacheIs(service, 'ok');
    await redis.stop();
    await untilCacheIs(service, 'away');
    await service.get('/health/ready').expect(200);
    await service.remove();
    await redis.remove();
  });
});
