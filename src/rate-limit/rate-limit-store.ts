/** Injection token of the `RateLimitStore` that counts known callers. */
export const RATE_LIMIT_STORE = Symbol('RateLimitStore');

/** How much is left to somebody after a request. */
export interface Allowance {
  /** Whether the points were there. If not, none were taken. */
  readonly granted: boolean;
  /** Points left until the window ends; never negative. */
  readonly remaining: number;
  /** Until the window ends and all points are back: whole seconds, rounded up, at least 1. */
  readonly resetSeconds: number;
}

/**
 * Counts points by key in windows that begin with a key's first point. An adapter may be shared by several
 * processes; one that forgets is lenient, one that cannot count must grant rather than fail.
 */
export interface RateLimitStore {
  /**
   * Takes points of a key, all or none.
   *
   * @param points at least 1
   * @param limit points of a window
   */
  take(key: string, points: number, limit: number): Allowance | Promise<Allowance>;
}
