import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CLOCK, type Clock } from './clock';
import { HealthParts } from './health-parts';
import { ReadinessConditions } from './readiness-conditions';

/** What every room may need: the time, and where it says that it is not ready yet. */
@Global()
@Module({})
export class CommonModule {
  static forRoot(clock: Clock): DynamicModule {
    return {
      module: CommonModule,
      providers: [{ provide: CLOCK, useValue: clock }, HealthParts, ReadinessConditions],
      exports: [CLOCK, HealthParts, ReadinessConditions],
    };
  }
}
