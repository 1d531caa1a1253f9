import { groupAddress } from '../../common/http/group-address';

/** By how much a failed log-in slows down the next attempt. Durations in milliseconds. */
export const LOG_IN_BRAKE = {
  /** Mistyped, mispasted, the old key: a person's errors. */
  freeFailures: 3,
  /** Doubles from here. */
  firstWaitMs: 1_000,
  /** Long enough to stop guessing, short enough that nobody can lock a colleague out for an evening. */
  longestWaitMs: 300_000,
  /** After this time without a failure everything is forgotten. */
  memoryMs: 3_600_000,
} as const;

/**
 * Slows down who fails to log in again and again, by address and by key: each failure doubles the wait.
 *
 * All take names from `nameAttempt`. None rejects: a brake that cannot count lets pass.
 */
export interface LogInBrake {
  /** Whole seconds to wait before the next attempt; 0: go on. */
  waitSeconds(names: readonly string[]): number | Promise<number>;
  fail(names: readonly string[]): void | Promise<void>;
  succeed(names: readonly string[]): void | Promise<void>;
}

/**
 * Under which names an attempt counts: where it came from (of IPv6 the /64 that one customer gets), and which
 * key it tried, so that many addresses together gain nothing.
 */
export function nameAttempt(address: string | undefined, prefix: string | undefined): string[] {
  const from = address === undefined ? 'unknown' : groupAddress(address);
  return prefix === undefined ? [`address ${from}`] : [`address ${from}`, `key ${prefix}`];
}
