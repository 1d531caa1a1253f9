import { isIPv6 } from 'node:net';
import { type Clock } from '../../common/clock';

/** Mistyped, mispasted, the old key: a person's errors. */
const FREE_FAILURES = 3;
/** Doubles from here. */
const FIRST_WAIT_MS = 1_000;
/** Long enough to stop guessing, short enough that nobody can lock a colleague out for an evening. */
const LONGEST_WAIT_MS = 300_000;
/** After this time without a failure everything is forgotten. */
const MEMORY_MS = 3_600_000;
/** Names remembered: a megabyte. Beyond, those that failed longest ago are forgotten. */
const MOST_NAMES = 10_000;

interface Failures {
  readonly count: number;
  readonly lastMs: number;
  /** Until then nothing is tried. */
  readonly untilMs: number;
}

/** Slows down who fails to log in again and again, by address and by key: each failure doubles the wait. */
export class LogInBrake {
  /** Those that failed longest ago stand first. */
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly clock: Clock) {}

  /**
   * Whole seconds to wait before the next attempt; 0: go on.
   *
   * @param names from `nameAttempt`
   */
  waitSeconds(names: readonly string[]): number {
    const untilMs = Math.max(0, ...names.map((name) => this.failures.get(name)?.untilMs ?? 0));
    return Math.ceil(Math.max(0, untilMs - this.clock()) / 1_000);
  }

  fail(names: readonly string[]): void {
    const nowMs = this.clock();
    for (const name of names) {
      const before = this.failures.get(name);
      const count = before !== undefined && nowMs - before.lastMs < MEMORY_MS ? before.count + 1 : 1;
      const waitMs =
        count <= FREE_FAILURES
          ? 0
          : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (count - FREE_FAILURES - 1));
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

/**
 * Under which names an attempt counts: where it came from (of IPv6 the /64 that one customer gets), and which
 * key it tried, so that many addresses together gain nothing.
 */
export function nameAttempt(address: string | undefined, prefix: string | undefined): string[] {
  const from = address === undefined ? 'unknown' : isIPv6(address) ? cutAddress(address) : address;
  return prefix === undefined ? [`address ${from}`] : [`address ${from}`, `key ${prefix}`];
}

function cutAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [front = '', back] = address.split('%')[0]?.split('::') ?? [];
  const groups = front === '' ? [] : front.split(':');
  const behind = back === undefined || back === '' ? [] : back.split(':');
  const zeros: string[] =
    back === undefined ? [] : Array<string>(8 - groups.length - behind.length).fill('0');
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':');
}
