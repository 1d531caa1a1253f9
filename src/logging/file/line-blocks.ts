import { LINE_START, LONGEST_LINE, NEWLINE } from './log-line';
import { readFully, type SegmentFile } from './segment-files';

/** Bytes of a segment that begin where a line begins and end where one ends. */
export interface LineBlock {
  /** Valid until the next block is asked for. */
  readonly bytes: Buffer;
  /** Where in the segment they begin. */
  readonly position: number;
}

/** The bytes of one line, sound or not, as offsets into its block. */
export interface RawLine {
  readonly start: number;
  /** Without the newline. */
  readonly end: number;
  /** False when no newline follows: a torn tail, or more bytes than any line has. */
  readonly terminated: boolean;
}

/** A block grows until it holds a newline, and never beyond this: more than any line is long. */
const LARGEST_BLOCK = 2 * LONGEST_LINE;

/**
 * Reads whole lines, oldest first, in bounded memory.
 *
 * Bytes without a newline that are longer than any line are damage: they come as blocks of their own,
 * cut so that no record within them is cut.
 *
 * @param from where a line begins
 * @param to where the log ends for this reader
 * @param blockBytes how much to read at once
 */
export async function* blocksForward(
  file: SegmentFile,
  from: number,
  to: number,
  blockBytes: number,
): AsyncGenerator<LineBlock> {
  let buffer = Buffer.allocUnsafe(Math.min(blockBytes, Math.max(to - from, 1)));
  let position = from;
  while (position < to) {
    const length = await readFully(file, buffer, Math.min(buffer.length, to - position), position);
    if (length === 0) return;
    let end = length;
    if (position + length < to) {
      const newline = buffer.lastIndexOf(NEWLINE, length - 1);
      if (newline === -1 && buffer.length < LARGEST_BLOCK) {
        buffer = Buffer.allocUnsafe(Math.min(buffer.length * 2, LARGEST_BLOCK));
        continue;
      }
      end = newline === -1 ? lastPossibleStart(buffer.subarray(0, length)) : newline + 1;
    }
    yield { bytes: buffer.subarray(0, end), position };
    position += end;
  }
}

/**
 * Reads whole lines, newest block first; within a block the lines are in the order of the log.
 *
 * @param from where a line begins
 * @param to where a line ends, or where the log ends for this reader
 * @param blockBytes how much to read at once
 */
export async function* blocksBackward(
  file: SegmentFile,
  from: number,
  to: number,
  blockBytes: number,
): AsyncGenerator<LineBlock> {
  let buffer = Buffer.allocUnsafe(Math.min(blockBytes, Math.max(to - from, 1)));
  let end = to;
  while (end > from) {
    const position = Math.max(from, end - buffer.length);
    const length = await readFully(file, buffer, end - position, position);
    if (length === 0) return;
    let start = 0;
    if (position > from) {
      // The last byte is the newline of the block's own last line.
      const newline = buffer.subarray(0, length - 1).indexOf(NEWLINE);
      if (newline === -1 && buffer.length < LARGEST_BLOCK) {
        buffer = Buffer.allocUnsafe(Math.min(buffer.length * 2, LARGEST_BLOCK));
        continue;
      }
      start = newline === -1 ? firstPossibleStart(buffer.subarray(0, length)) : newline + 1;
    }
    yield { bytes: buffer.subarray(start, length), position: position + start };
    end = position + start;
  }
}

/** The lines of a block, in order. */
export function* rawLines(bytes: Buffer): Generator<RawLine> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    yield { start, end, terminated: newline !== -1 };
    start = end + 1;
  }
}

/** Where to cut bytes without newline so that a record which begins in them stays whole for the next block. */
function lastPossibleStart(bytes: Buffer): number {
  const start = bytes.lastIndexOf(LINE_START, bytes.length, 'latin1');
  // None: but the last bytes may be the beginning of one.
  return start > 0 ? start : bytes.length - LINE_START.length + 1;
}

/** The same from the other side: what ends in these bytes may begin before them. */
function firstPossibleStart(bytes: Buffer): number {
  const start = bytes.indexOf(LINE_START, 0, 'latin1');
  return start === -1 ? Math.min(LONGEST_LINE, bytes.length - 1) : start;
}
