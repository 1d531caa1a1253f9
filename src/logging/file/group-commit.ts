import { lineLength, lineLengthAtMost, LONGEST_LINE, writeLine } from './log-line';

/** Bounds of what may wait for its write. */
export interface GroupCommitLimits {
  /** Records that may wait, those being written included. */
  readonly maxWaitingRecords: number;
  /** Bytes that may wait, those being written included. */
  readonly maxWaitingBytes: number;
  /** A write that has this many bytes takes no more records. */
  readonly maxWriteBytes: number;
}

/** Writes lines; resolves when they are kept. */
export type CommitLines = (lines: Buffer, day: number) => Promise<void>;

/** One batch is being written while the next one fills: more buffers than two are rarely needed. */
const KEPT_BUFFERS = 2;

interface Waiter {
  readonly kept: () => void;
  readonly refused: (error: unknown) => void;
}

interface Batch {
  readonly buffer: Buffer;
  readonly day: number;
  readonly waiters: Waiter[];
  length: number;
}

/**
 * Group commit: while a write is under way the next records gather, and one write takes them all. So
 * the cost of a write, and of a sync, is shared by all who wait.
 */
export class GroupCommit {
  private readonly batches: Batch[] = [];
  private readonly buffers: Buffer[] = [];
  private running: Promise<void> | undefined;
  private waitingRecords = 0;
  private waitingBytes = 0;

  constructor(
    private readonly commit: CommitLines,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** Records that wait, those being written included. */
  get waiting(): number {
    return this.waitingRecords;
  }

  /** Whether the bounds are reached: add nothing now. */
  get isFull(): boolean {
    return (
      this.waitingRecords >= this.limits.maxWaitingRecords || this.waitingBytes >= this.limits.maxWaitingBytes
    );
  }

  /**
   * Keeps a record; the first call is written first. Ask `isFull` before, which costs less than serialising.
   *
   * @param json the record as `JSON.stringify` writes it
   * @param day UTC day of the record; a write holds records of one day
   * @param value what to resolve with
   */
  add<T>(json: string, day: number, value: T): Promise<T> {
    const atMost = lineLengthAtMost(json);
    const needed = atMost > LONGEST_LINE ? lineLength(json) : atMost;
    if (needed > LONGEST_LINE) {
      return Promise.reject(
        new RangeError(
          `A record takes ${String(needed)} bytes, a line ${String(LONGEST_LINE)} at most: shorten it`,
        ),
      );
    }
    const batch = this.batchFor(needed, day);
    const end = writeLine(json, batch.buffer, batch.length);
    this.waitingBytes += end - batch.length;
    this.waitingRecords += 1;
    batch.length = end;
    this.running ??= this.run();
    return new Promise<T>((resolve, reject) => {
      batch.waiters.push({
        kept: () => {
          resolve(value);
        },
        refused: reject,
      });
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.running;
  }

  private batchFor(needed: number, day: number): Batch {
    const newest = this.batches.at(-1);
    if (
      newest?.day === day &&
      newest.length < this.limits.maxWriteBytes &&
      newest.length + needed <= newest.buffer.length
    ) {
      return newest;
    }
    const buffer = this.buffers.pop() ?? Buffer.allocUnsafeSlow(LONGEST_LINE);
    const batch: Batch = { buffer, day, waiters: [], length: 0 };
    this.batches.push(batch);
    return batch;
  }

  private async run(): Promise<void> {
    // All requests of this turn of the event loop share the first write.
    await new Promise(setImmediate);
    for (let batch = this.batches.shift(); batch !== undefined; batch = this.batches.shift()) {
      try {
        await this.commit(batch.buffer.subarray(0, batch.length), batch.day);
        for (const waiter of batch.waiters) waiter.kept();
      } catch (error) {
        for (const waiter of batch.waiters) waiter.refused(error);
      }
      this.waitingRecords -= batch.waiters.length;
      this.waitingBytes -= batch.length;
      if (this.buffers.length < KEPT_BUFFERS) this.buffers.push(batch.buffer);
    }
    this.running = undefined;
  }
}
