import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HealthParts } from '../common/health-parts';
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
export class CacheModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(CACHE_CONNECTION) private readonly cache: CacheConnection,
    private readonly parts: HealthParts,
  ) {}

  /** Redis may be away: `/health` tells so, and the service stays ready. */
  onModuleInit(): void {
    const { cache } = this;
    if (cache.kind === 'redis') this.parts.add('cache', () => cache.redis.isWorking);
  }

  /** After the last answer. */
  onApplicationShutdown(): void {
    if (this.cache.kind === 'redis') this.cache.redis.close();
  }
}
