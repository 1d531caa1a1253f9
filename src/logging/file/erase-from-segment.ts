import { open, type FileHandle } from 'node:fs/promises';
import { eraseRecord } from '../erase-record';
import { type PredictionRecord } from '../prediction-record';
import { type Erasure } from './erasure';
import { blocksForward, rawLines } from './line-blocks';
import { inspectLine, isAuditLine, lineLength, recordOfLine, writeLine, type LineRange } from './log-line';
import { writeNewVersion } from './write-new-version';
import { writeFully, type SegmentFile } from './segment-files';

/** Large enough that reads cost nothing beside the search, small enough to hold. */
const READ_BYTES = 1024 * 1024;

/** Takes the place of unreadable bytes that named the client; no reader takes it for a record. */
const ERASED_DAMAGE = Buffer.from('erased\n');

const NEWLINE_BYTES = Buffer.from('\n');

/** What a segment holds of a client. */
export interface ClientPart {
  /** Records that are to be erased, by their times, milliseconds since the epoch. */
  readonly recordTimes: readonly number[];
  /** Unreadable lines that name the client. */
  readonly damagedLines: number;
  /** Unreadable lines that do not: nobody can tell whose they are. */
  readonly unattributedLines: number;
}

/**
 * Finds what a sealed segment holds of a client.
 *
 * Cost: O(length), a second for some hundreds of MiB; only lines that name the client are parsed.
 */
export async function findInSegment(path: string, erasure: Erasure): Promise<ClientPart> {
  const recordTimes: number[] = [];
  let damagedLines = 0;
  let unattributedLines = 0;
  const file = await open(path, 'r');
  try {
    for await (const { bytes, line } of linesOf(file)) {
      const { records, damaged } = inspectLine(bytes, line.start, line.end);
      const named = erasure.isNamedIn(bytes, line);
      for (const range of named ? records : []) {
        const record = readPrediction(bytes, range);
        if (record && erasure.concerns(record)) recordTimes.push(Date.parse(record.at));
      }
      if (!damaged) continue;
      if (gapsOf(line, records).some((gap) => erasure.isNamedIn(bytes, gap))) damagedLines += 1;
      else unattributedLines += 1;
    }
  } finally {
    await file.close();
  }
  return { recordTimes, damagedLines, unattributedLines };
}

/**
 * Writes a sealed segment anew without what is personal of a client, and puts it in the place of the old one. All
 * other lines, and the order and ids of all, stay as they are, byte for byte.
 *
 * Cost: O(length), one pass; memory: one block.
 */
export async function eraseFromSegment(path: string, erasure: Erasure): Promise<void> {
  const file = await open(path, 'r');
  try {
    await writeNewVersion(path, async (copy) => {
      const output = new Output(copy);
      for await (const { bytes, line, terminated } of linesOf(file)) {
        const whole = { start: line.start, end: line.end + (terminated ? 1 : 0) };
        if (!erasure.isNamedIn(bytes, line)) await output.write(bytes.subarray(whole.start, whole.end));
        else for (const part of rewriteLine(bytes, line, whole, erasure)) await output.write(part);
      }
      await output.flush();
    });
  } finally {
    await file.close();
  }
}

/** A line that names the client, as it is to stand in the new version. */
function rewriteLine(bytes: Buffer, line: LineRange, whole: LineRange, erasure: Erasure): Buffer[] {
  const { records, damaged } = inspectLine(bytes, line.start, line.end);
  if (!damaged) return [rewriteRecord(bytes, line, erasure) ?? bytes.subarray(whole.start, whole.end)];
  const parts: Buffer[] = [];
  for (const [index, gap] of gapsOf(line, records).entries()) {
    if (erasure.isNamedIn(bytes, gap)) parts.push(ERASED_DAMAGE);
    else if (gap.end > gap.start) parts.push(bytes.subarray(gap.start, gap.end), NEWLINE_BYTES);
    const record = records[index];
    if (record === undefined) continue;
    const rewritten = rewriteRecord(bytes, record, erasure);
    parts.push(...(rewritten ? [rewritten] : [bytes.subarray(record.start, record.end), NEWLINE_BYTES]));
  }
  return parts;
}

/** Undefined when it is none of the client's. */
function rewriteRecord(bytes: Buffer, line: LineRange, erasure: Erasure): Buffer | undefined {
  const record = readPrediction(bytes, line);
  if (!record || !erasure.concerns(record)) return undefined;
  const json = JSON.stringify(eraseRecord(record, erasure.tombstone, erasure.at));
  const rewritten = Buffer.alloc(lineLength(json));
  return rewritten.subarray(0, writeLine(json, rewritten, 0));
}

function readPrediction(bytes: Buffer, line: LineRange): PredictionRecord | undefined {
  return isAuditLine(bytes, line) ? undefined : (recordOfLine(bytes, line) as PredictionRecord);
}

/** What lies before, between and behind the records of a line; one more than there are records. */
function gapsOf(line: LineRange, records: readonly LineRange[]): LineRange[] {
  const starts = [line.start, ...records.map(({ end }) => end)];
  return starts.map((start, index) => ({ start, end: records[index]?.start ?? line.end }));
}

async function* linesOf(
  file: SegmentFile,
): AsyncGenerator<{ readonly bytes: Buffer; readonly line: LineRange; readonly terminated: boolean }> {
  const { size } = await file.stat();
  for await (const { bytes } of blocksForward(file, 0, size, READ_BYTES)) {
    for (const { start, end, terminated } of rawLines(bytes))
      yield { bytes, line: { start, end }, terminated };
  }
}

/** Gathers small parts into large writes. */
class Output {
  private readonly buffer = Buffer.allocUnsafe(READ_BYTES);
  private filled = 0;
  private position = 0;

  constructor(private readonly file: FileHandle) {}

  async write(part: Buffer): Promise<void> {
    if (this.filled + part.length > this.buffer.length) await this.flush();
    if (part.length > this.buffer.length) {
      await writeFully(this.file, part, this.position);
      this.position += part.length;
    } else {
      this.filled += part.copy(this.buffer, this.filled);
    }
  }

  async flush(): Promise<void> {
    await writeFully(this.file, this.buffer.subarray(0, this.filled), this.position);
    this.position += this.filled;
    this.filled = 0;
  }
}
