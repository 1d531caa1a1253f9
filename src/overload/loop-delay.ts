import { performance } from 'node:perf_hooks';

/** Often enough to notice a late turn, and no work to speak of for an idle process. */
const TICK_MS = 20;

/**
 * How late the event loop is, also in the middle of a turn: `perf_hooks.monitorEventLoopDelay` tells of a long turn
 * only when it is over, and all its requests have been taken.
 */
export class LoopDelay {
  private lastTick = performance.now();
  private lastDelay = 0;
  private readonly timer = setInterval(() => {
    this.lastDelay = this.ofThisTurn;
    this.lastTick = performance.now();
  }, TICK_MS);

  constructor() {
    // Watching is no reason to go on living.
    this.timer.unref();
  }

  /** Milliseconds for which this turn has lasted, at least 0; short by 20 ms at most. */
  get ofThisTurn(): number {
    return Math.max(0, performance.now() - this.lastTick - TICK_MS);
  }

  /** The same of the turn before: for how long requests that come up now may have waited already. */
  get ofLastTurn(): number {
    return this.lastDelay;
  }

  /** Ends the watch. */
  stop(): void {
    clearInterval(this.timer);
  }
}
