import { type Clock } from '../../common/clock';
import { LOG_IN_BRAKE, type LogInBrake } from './log-in-brake';

/** Names remembered: a megabyte. Beyond, those that failed longest ago are forgotten. */
const MOST_NAMES = 10_000;

interface Failures {
  readonly count: number;
  readonly lastMs: number;
  /** Until then nothing is tried. */
  readonly untilMs: number;
}

/** Counts failures in this process. */
export class MemoryLogInBrake implements LogInBrake {
  /** Those that failed longest ago stand first. */
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly clock: Clock) {}

  waitSeconds(names: readonly string[]): number {
    const untilMs = Math.max(0, ...names.map((name) => this.failures.get(name)?.untilMs ?? 0));
    return Math.ceil(Math.max(0, untilMs - this.clock()) / 1_000);
  }

  fail(names: readonly string[]): void {
    const { freeFailures, firstWaitMs, longestWaitMs, memoryMs } = LOG_IN_BRAKE;
    const nowMs = this.clock();
    for (const name of names) {
      const before = this.failures.get(name);
      const count = before !== undefined && nowMs - before.lastMs < memoryMs ? before.count + 1 : 1;
      const waitMs =
        count <= freeFailures ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (count - freeFailures - 1));
      this.failures.delete(name);
      this.failures.set(name, { count, lastMs: nowMs, untilMs: nowMs + waitMs });
    }
    for (const name of this.failures.keys()) {
      if (this.failures.size <= MOST_NAMES) return;
      this.failures.delete(name);
    }
  }

  succeed(names: readonly string[]): void {
    for (const name of names) this.failures.delete(name);
  }
}
