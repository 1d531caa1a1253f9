import { Global, Module } from '@nestjs/common';
import { CLOCK, type Clock } from './clock';

/** What every room may need: the time. */
@Global()
@Module({
  providers: [{ provide: CLOCK, useValue: (() => Date.now()) satisfies Clock }],
  exports: [CLOCK],
})
export class CommonModule {}
