import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { CACHE_CONNECTION, type CacheConnection, openCacheConnection } from './cache-connection';
import { MemorySharedCache } from './memory-shared-cache';
import { SHARED_CACHE, type SharedCache } from './shared-cache';

async function openSharedCache(cache: CacheConnection): Promise<SharedCache> {
  switch (cache.kind) {
    case 'memory':
      return new MemorySharedCache();
    case 'redis': {
      const { RedisSharedCache } = await import('./redis-shared-cache');
      return new RedisSharedCache(cache.redis);
    }
  }
}

/** What instances share and may lose: in this process, or in Redis. */
@Global()
@Module({
  providers: [
    {
      provide: CACHE_CONNECTION,
      inject: [CONFIGURATION],
      useFactory: ({ cache }: Configuration) => openCacheConnection(cache),
    },
    { provide: SHARED_CACHE, inject: [CACHE_CONNECTION], useFactory: openSharedCache },
  ],
  exports: [CACHE_CONNECTION, SHARED_CACHE],
})
export class CacheModule implements OnApplicationShutdown {
  constructor(@Inject(CACHE_CONNECTION) private readonly cache: CacheConnection) {}

  /** After the last answer. */
  onApplicationShutdown(): void {
    if (this.cache.kind === 'redis') this.cache.redis.close();
  }
}
