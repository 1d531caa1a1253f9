import { type CacheConnection } from '../cache/cache-connection';
import { MemoryRateLimitStore } from './memory-rate-limit-store';
import { type RateLimitStore } from './rate-limit-store';

/** What counts known callers: this process alone, or Redis for all of them. */
export async function openRateLimitStore(
  cache: CacheConnection,
  windowSeconds: number,
): Promise<RateLimitStore> {
  switch (cache.kind) {
    case 'memory':
      return new MemoryRateLimitStore(windowSeconds);
    case 'redis': {
      const { RedisRateLimitStore } = await import('./redis-rate-limit-store');
      return new RedisRateLimitStore(cache.redis, windowSeconds);
    }
  }
}
