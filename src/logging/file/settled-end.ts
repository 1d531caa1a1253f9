import { NEWLINE } from './log-line';
import { readFully, type SegmentFile } from './segment-files';

/**
 * How long bytes must have lain in the file before they are shown. A writer whose write fails cuts it
 * back at once, within a millisecond; this leaves room for a process that the machine holds up. Four
 * of these are the longest a record stays unseen: a second.
 */
export const SETTLE_MILLISECONDS = 250;

/** Looking for the last newline: many lines at once, and usually one read. */
const BLOCK_BYTES = 64 * 1024;

/** Holds the checksum of the last line, and usually its id: no other line ends with the same bytes. */
const FINGERPRINT_BYTES = 1024;

/** The end of the last whole line at some look. */
interface SeenEnd {
  readonly end: number;
  /** The bytes before `end`. */
  readonly fingerprint: Buffer;
  /** When they were there at the latest, on the monotonic clock. */
  readonly at: number;
}

/**
 * How much of a file may be shown that another process writes, and may cut back when a write failed.
 *
 * Bytes count as settled when they were in the file at one look, are still the same bytes at another
 * one at least `SETTLE_MILLISECONDS` later, and end with a newline. So half a line, and a batch that
 * was refused and cut off, are never shown, also when another batch of the same length took its
 * place. A write that fails only after it stood still for that long can be seen before it is refused.
 */
export class SettledEnd {
  private settled = 0;
  private seen: SeenEnd | undefined;

  /** @param now monotonic milliseconds */
  constructor(private readonly now: () => number) {}

  /** Settled bytes, from the beginning of the file: whole lines. */
  get length(): number {
    return this.settled;
  }

  /** From when on a look settles more; undefined when no more than what is settled was seen. */
  get settlesAt(): number | undefined {
    return this.seen === undefined ? undefined : this.seen.at + SETTLE_MILLISECONDS;
  }

  /** Looks at the file. Cost: one `fstat`; when it grew, a read or two. */
  async look(file: SegmentFile): Promise<void> {
    const began = this.now();
    const { size } = await file.stat();
    const { seen } = this;
    if (seen !== undefined) {
      const old = began - seen.at >= SETTLE_MILLISECONDS;
      if (!old && size >= seen.end) return;
      if (old && (await isStillThere(file, seen))) this.settled = seen.end;
      this.seen = undefined;
    }
    if (size > this.settled) this.seen = await this.findLastLine(file, size);
  }

  private async findLastLine(file: SegmentFile, size: number): Promise<SeenEnd | undefined> {
    const end = await endOfLastLine(file, this.settled, size);
    if (end === this.settled) return undefined;
    const fingerprint = Buffer.alloc(Math.min(FINGERPRINT_BYTES, end - this.settled));
    await readFully(file, fingerprint, fingerprint.length, end - fingerprint.length);
    return { end, fingerprint, at: this.now() };
  }
}

async function isStillThere(file: SegmentFile, { end, fingerprint }: SeenEnd): Promise<boolean> {
  const found = Buffer.alloc(fingerprint.length);
  const length = await readFully(file, found, found.length, end - found.length);
  return length === found.length && found.equals(fingerprint);
}

/** Behind the last newline; `from` when there is none. */
async function endOfLastLine(file: SegmentFile, from: number, to: number): Promise<number> {
  const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, to - from));
  for (let end = to; end > from;) {
    const position = Math.max(from, end - block.length);
    const length = await readFully(file, block, end - position, position);
    const newline = block.subarray(0, length).lastIndexOf(NEWLINE);
    if (newline !== -1) return position + newline + 1;
    end = position;
  }
  return from;
}
