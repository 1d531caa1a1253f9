import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CLOCK, type Clock } from './clock';

/** What every room may need: the time. */
@Global()
@Module({})
export class CommonModule {
  static forRoot(clock: Clock): DynamicModule {
    return { module: CommonModule, providers: [{ provide: CLOCK, useValue: clock }], exports: [CLOCK] };
  }
}
