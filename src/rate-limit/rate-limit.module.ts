import { type DynamicModule, Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { CACHE_CONNECTION, type CacheConnection } from '../cache/cache-connection';
import { addGate } from '../common/http/add-gate';
import { type Configuration } from '../config/configuration';
import { MemoryRateLimitStore } from './memory-rate-limit-store';
import { openRateLimitStore } from './open-rate-limit-store';
import { RateLimitGuard } from './rate-limit.guard';
import { RATE_LIMIT_STORE, type RateLimitStore } from './rate-limit-store';
import { RateLimits } from './rate-limits';

/** How much one caller may ask for. To be imported behind the rooms whose guards say who asks. */
@Global()
@Module({})
export class RateLimitModule implements OnModuleInit {
  static forRoot({ rateLimit, access }: Configuration): DynamicModule {
    const windowSeconds = rateLimit?.windowSeconds ?? 1;
    const identifies = access.mode === 'on';
    return {
      module: RateLimitModule,
      providers: [
        {
          provide: RATE_LIMIT_STORE,
          inject: [CACHE_CONNECTION],
          useFactory: (cache: CacheConnection) => openRateLimitStore(cache, windowSeconds),
        },
        {
          provide: RateLimits,
          inject: [RATE_LIMIT_STORE],
          useFactory: (callers: RateLimitStore) =>
            new RateLimits(rateLimit, identifies, new MemoryRateLimitStore(windowSeconds), callers),
        },
        // Where nobody is counted by name, no request pays for a guard.
        ...(rateLimit !== undefined && identifies ? [{ provide: APP_GUARD, useClass: RateLimitGuard }] : []),
      ],
      exports: [RateLimits],
    };
  }

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly limits: RateLimits,
  ) {}

  onModuleInit(): void {
    addGate(this.host, (request, response) => this.limits.admitAddress(request, response));
  }
}
