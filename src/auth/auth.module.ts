import { Global, Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CACHE_CONNECTION, type CacheConnection } from '../cache/cache-connection';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { ACCESS_CONTROL, type AccessControl, openAccessControl } from './access-control';
import { AccessGuard } from './access.guard';

function open({ access }: Configuration, clock: Clock, cache: CacheConnection): Promise<AccessControl> {
  return openAccessControl(access, {
    clock,
    cache,
    logger: new Logger(AuthModule.name),
    show: (text) => process.stdout.write(text),
  });
}

/** Who may do what: stands before every route of every room. */
@Global()
@Module({
  providers: [
    { provide: ACCESS_CONTROL, inject: [CONFIGURATION, CLOCK, CACHE_CONNECTION], useFactory: open },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [ACCESS_CONTROL],
})
export class AuthModule implements OnApplicationShutdown {
  constructor(@Inject(ACCESS_CONTROL) private readonly access: AccessControl) {}

  onApplicationShutdown(): void {
    if (this.access.mode === 'on') this.access.close();
  }
}
