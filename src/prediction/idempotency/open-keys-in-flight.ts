import { type CacheConnection } from '../../cache/cache-connection';
import { type KeysInFlight } from './keys-in-flight';
import { MemoryKeysInFlight } from './memory-keys-in-flight';

/** What knows which keys are in flight: this process alone, or Redis for all of them. */
export async function openKeysInFlight(cache: CacheConnection): Promise<KeysInFlight> {
  switch (cache.kind) {
    case 'memory':
      return new MemoryKeysInFlight();
    case 'redis': {
      const { RedisKeysInFlight } = await import('./redis-keys-in-flight');
      return new RedisKeysInFlight(cache.redis);
    }
  }
}
