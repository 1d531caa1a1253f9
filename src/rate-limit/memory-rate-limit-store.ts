import { performance } from 'node:perf_hooks';
import { type Allowance, type RateLimitStore } from './rate-limit-store';

/** What a key has taken in its window. */
interface Window {
  taken: number;
  /** Milliseconds on the store's clock. */
  readonly endsAt: number;
}

/** About 150 bytes each, so at most 30 MB for both generations. */
const KEYS_PER_GENERATION = 100_000;

/**
 * Counts in this process. Its memory is bounded: when a generation of keys is full it becomes the old one,
 * and what was in the old one and not asked for since is forgotten. Somebody who holds more addresses than
 * that is not stopped by counting them; everybody else stays counted.
 *
 * Cost: O(1), some fifty nanoseconds. (Deleting the oldest key of a `Map` is O(n): V8 steps over all keys
 * that were deleted before.)
 */
export class MemoryRateLimitStore implements RateLimitStore {
  private young = new Map<string, Window>();
  private old = new Map<string, Window>();

  /**
   * @param windowSeconds length of a window
   * @param now monotonic, milliseconds
   * @param keysPerGeneration how many keys are remembered for sure
   */
  constructor(
    private readonly windowSeconds: number,
    private readonly now: () => number = () => performance.now(),
    private readonly keysPerGeneration: number = KEYS_PER_GENERATION,
  ) {}

  take(key: string, points: number, limit: number): Allowance {
    const now = this.readClock();
    const window = this.find(key, now) ?? this.open(key, now);
    const granted = window.taken + points <= limit;
    if (granted) window.taken += points;
    return {
      granted,
      remaining: Math.max(0, limit - window.taken),
      resetSeconds: Math.ceil((window.endsAt - now) / 1000),
    };
  }

  /** Undoes a `take` that was somebody else's to pay. */
  giveBack(key: string, points: number): void {
    const window = this.find(key, this.readClock());
    if (window !== undefined) window.taken = Math.max(0, window.taken - points);
  }

  /**
   * Takes over what is known of a key from elsewhere.
   *
   * @param restMs until its window ends
   */
  learn(key: string, taken: number, restMs: number): void {
    this.remember(key, { taken, endsAt: this.readClock() + restMs });
  }

  /** Whole milliseconds: a fraction that rounding adds would make a second of itself. */
  private readClock(): number {
    return Math.floor(this.now());
  }

  private find(key: string, now: number): Window | undefined {
    let window = this.young.get(key);
    if (window === undefined) {
      window = this.old.get(key);
      if (window === undefined) return undefined;
      this.remember(key, window);
    }
    return window.endsAt > now ? window : undefined;
  }

  private open(key: string, now: number): Window {
    const window = { taken: 0, endsAt: now + this.windowSeconds * 1000 };
    this.remember(key, window);
    return window;
  }

  private remember(key: string, window: Window): void {
    if (this.young.size >= this.keysPerGeneration && !this.young.has(key)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, window);
  }
}
