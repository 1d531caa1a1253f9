import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';

/** Whether this instance still takes work; goes false when it is asked to stop, and never back. */
@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private stopping = false;

  /** Nest calls this first of all when a signal arrives. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  /** True from the first moment of stopping. */
  get isStopping(): boolean {
    return this.stopping;
  }
}
