import { type CacheConfiguration } from '../config/configuration';
import { type RedisConnection } from './redis-connection';

/** Injection token of the `CacheConnection`. */
export const CACHE_CONNECTION = Symbol('CacheConnection');

/** Where what may be forgotten is kept: each room chooses its adapter by the kind. */
export type CacheConnection =
  { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly redis: RedisConnection };

/** Opens what the settings ask for; the driver of Redis is loaded only then. */
export async function openCacheConnection(cache: CacheConfiguration): Promise<CacheConnection> {
  switch (cache.kind) {
    case 'memory':
      return cache;
    case 'redis': {
      const { RedisConnection } = await import('./redis-connection');
      return { kind: 'redis', redis: await RedisConnection.open(cache.url) };
    }
  }
}
