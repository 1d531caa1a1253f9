import { type DraftRow } from './draft-row';

/** Writes rows in one go; answers their ids in order, undefined for a row whose key is another record's. */
export type WriteRows = (rows: readonly DraftRow[]) => Promise<readonly (string | undefined)[]>;

/** How much may wait, and for how long. */
export interface WriteQueueLimits {
  readonly maxWaitingRecords: number;
  readonly maxWaitingBytes: number;
  /** Rows of one write at most. */
  readonly maxWriteRecords: number;
  /** A write that has so many bytes takes no further row. */
  readonly maxWriteBytes: number;
  /** A row that is not written by then is refused, milliseconds. */
  readonly deadlineMs: number;
}

/** A row, and who waits for it. */
interface Entry {
  readonly row: DraftRow;
  readonly refuseAt: number;
  /** Whether its caller has an answer. */
  settled: boolean;
  readonly resolve: (id: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A write under way. */
interface StartedWrite {
  readonly entries: readonly Entry[];
  /** Never rejects; what it resolves with gives the callers their answers. */
  readonly outcome: Promise<() => void>;
}

/** How often it is looked for rows that waited too long: a small part of the deadline. */
const SWEEP_EVERY_MS = 50;

/**
 * Group commit: while one write is under way new rows gather; the next write takes them together.
 *
 * Rows are written in the order of the calls, one write at a time. A write that fails refuses its rows; those that
 * gathered behind it are tried in the next one, until their own deadline. A row is refused at its deadline also
 * while its write is under way: nobody knows then whether it was kept.
 */
export class WriteQueue {
  private readonly gathering: Entry[] = [];
  private writing: readonly Entry[] = [];
  private bytes = 0;
  private running: Promise<void> | undefined;
  private sweeper: NodeJS.Timeout | undefined;

  /**
   * @param write rejecting refuses the rows with its error
   * @param makeLateError what rows are refused with at their deadline
   */
  constructor(
    private readonly write: WriteRows,
    private readonly limits: WriteQueueLimits,
    private readonly makeLateError: () => Error,
  ) {}

  /** Rows that wait, those being written included. */
  get waiting(): number {
    return this.gathering.length + this.writing.length;
  }

  /** Whether the bounds are reached: add nothing now. */
  get isFull(): boolean {
    return this.waiting >= this.limits.maxWaitingRecords || this.bytes >= this.limits.maxWaitingBytes;
  }

  /** Resolves with the row's id when it is durable; undefined: its key is another record's. Ask `isFull` before. */
  add(row: DraftRow): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const refuseAt = performance.now() + this.limits.deadlineMs;
      this.gathering.push({ row, refuseAt, settled: false, resolve, reject });
      this.bytes += row.bytes;
      this.running ??= this.run();
      this.sweeper ??= setInterval(() => {
        this.refuseLate();
      }, SWEEP_EVERY_MS);
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    // All requests of this turn of the event loop share the first write.
    await new Promise(setImmediate);
    for (let write = this.startWrite(); write !== undefined;) {
      const { entries, outcome } = write;
      const settle = await outcome;
      write = this.startWrite();
      // Callers have work of their own with their answers; the server gets the next write before.
      if (write !== undefined) await new Promise(setImmediate);
      settle();
      this.forget(entries);
    }
    clearInterval(this.sweeper);
    this.sweeper = undefined;
    this.running = undefined;
  }

  /** Undefined when nothing waits. */
  private startWrite(): StartedWrite | undefined {
    const entries = this.takeWrite();
    this.writing = entries;
    if (entries.length === 0) return undefined;
    const outcome = this.write(entries.map(({ row }) => row)).then(
      (ids) => () => {
        for (const [index, entry] of entries.entries()) {
          entry.settled = true;
          entry.resolve(ids[index]);
        }
      },
      (error: unknown) => () => {
        for (const entry of entries) refuse(entry, error);
      },
    );
    return { entries, outcome };
  }

  private takeWrite(): readonly Entry[] {
    let count = 0;
    for (let bytes = 0; count < this.gathering.length; count += 1) {
      if (count === this.limits.maxWriteRecords || bytes >= this.limits.maxWriteBytes) break;
      bytes += this.gathering[count]?.row.bytes ?? 0;
    }
    return this.gathering.splice(0, count);
  }

  private refuseLate(): void {
    const now = performance.now();
    const isLate = ({ refuseAt }: Entry): boolean => refuseAt <= now;
    const late = [...this.writing.filter(isLate)];
    // In the order of their calls: behind the first that has time left all have.
    const firstInTime = this.gathering.findIndex((entry) => !isLate(entry));
    const unsent = this.gathering.splice(0, firstInTime === -1 ? this.gathering.length : firstInTime);
    this.forget(unsent);
    for (const entry of [...late, ...unsent]) {
      if (!entry.settled) refuse(entry, this.makeLateError());
    }
  }

  private forget(entries: readonly Entry[]): void {
    for (const { row } of entries) this.bytes -= row.bytes;
  }
}

function refuse(entry: Entry, error: unknown): void {
  entry.settled = true;
  entry.reject(error);
}
