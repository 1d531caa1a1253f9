import { blocksForward, rawLines } from './line-blocks';
import { idOfLine, inspectLine } from './log-line';
import { type SegmentFile } from './segment-files';

/** Where bisecting ends: reading this much in one go is cheaper than another step. */
const SCAN_BYTES = 8192;

/** One probe: the rest of the line it falls into and, usually, the whole next one. */
const PROBE_BYTES = 4096;

interface ProbedLine {
  readonly firstId: string;
  readonly lastId: string;
  readonly position: number;
  readonly next: number;
}

/**
 * Where to begin reading to meet every record from `id` on: the beginning of a line, a few lines
 * before the first such record at most. Bisects by byte offset; lines that are damaged where it
 * looks are stepped over.
 *
 * Cost: O(log length) reads of 4 KiB.
 */
export async function searchSegment(file: SegmentFile, length: number, id: string): Promise<number> {
  // Lines that begin before `low` lie below the id; those that begin at `high` or behind do not.
  let low = 0;
  let high = length;
  while (high - low > SCAN_BYTES) {
    const middle = low + Math.floor((high - low) / 2);
    const line = await probe(file, middle, high, length);
    if (line === undefined || line.firstId >= id) high = middle;
    else if (line.lastId < id) low = line.next;
    else return line.position;
  }
  return low;
}

/** The first line with a sound record that begins within [from, below). */
async function probe(
  file: SegmentFile,
  from: number,
  below: number,
  length: number,
): Promise<ProbedLine | undefined> {
  // From the byte before: when that is a newline, the next line begins exactly at `from`.
  let partial = true;
  for await (const { bytes, position } of blocksForward(file, from - 1, length, PROBE_BYTES)) {
    for (const line of rawLines(bytes)) {
      if (partial) {
        partial = !line.terminated;
        continue;
      }
      if (position + line.start >= below) return undefined;
      const { records } = inspectLine(bytes, line.start, line.end);
      const first = records[0];
      const last = records.at(-1);
      if (first === undefined || last === undefined) continue;
      return {
        firstId: idOfLine(bytes, first),
        lastId: idOfLine(bytes, last),
        position: position + line.start,
        next: position + line.end + 1,
      };
    }
  }
  return undefined;
}
