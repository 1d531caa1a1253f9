import { performance } from 'node:perf_hooks';
import { type Socket } from 'node:net';

/** What a refused caller was asked to wait (Retry-After): nobody is held longer. */
const LONGEST_HOLD_MS = 1000;

/** Who comes back sooner after a refusal insists: half of what was asked, as not every caller's clock is exact. */
const PATIENT_MS = LONGEST_HOLD_MS / 2;

const RELEASE_INTERVAL_MS = 20;

/** 2,500 a second: with 25 µs for a refusal they take 6 % of a processor, however many callers insist. */
const RELEASED_AT_ONCE = 50;

interface Held {
  readonly socket: Socket;
  readonly since: number;
}

/**
 * Connections that were refused again and again, and are not read for a moment. Even the cheapest refusal costs a
 * fifth of a decision, so callers that ask again at once would leave no time for those who are being served. Who
 * waits before asking again is not held, as that costs something too.
 */
export class HeldConnections {
  private readonly refusedAt = new WeakMap<Socket, number>();
  private refused: Socket[] = [];
  private held: Held[] = [];
  private releasing: NodeJS.Timeout | undefined;

  /**
   * Stops reading from a connection that was refused a moment ago already, when this turn of the event loop, and with
   * it the refused request, is over.
   */
  hold(socket: Socket): void {
    const now = performance.now();
    const before = this.refusedAt.get(socket);
    this.refusedAt.set(socket, now);
    if (before === undefined || now - before > PATIENT_MS) return;
    if (this.refused.length === 0) setImmediate(this.pauseRefused);
    this.refused.push(socket);
  }

  /** Reads from all of them again. */
  releaseAll(): void {
    this.release(this.held.length);
  }

  private readonly pauseRefused = (): void => {
    const since = performance.now();
    for (const socket of this.refused) {
      if (socket.destroyed) continue;
      socket.pause();
      this.held.push({ socket, since });
    }
    this.refused = [];
    this.releasing ??= setInterval(this.releaseSome, RELEASE_INTERVAL_MS).unref();
  };

  private readonly releaseSome = (): void => {
    const longAgo = performance.now() - LONGEST_HOLD_MS;
    let overdue = 0;
    for (const { since } of this.held) {
      if (since > longAgo) break;
      overdue += 1;
    }
    this.release(Math.max(overdue, RELEASED_AT_ONCE));
  };

  /** Oldest first. */
  private release(count: number): void {
    for (const { socket } of this.held.splice(0, count)) if (!socket.destroyed) socket.resume();
    if (this.held.length > 0) return;
    clearInterval(this.releasing);
    this.releasing = undefined;
  }
}
