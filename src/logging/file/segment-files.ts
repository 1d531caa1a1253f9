import { open, readdir, type FileHandle } from 'node:fs/promises';

/** The segment that is being written. */
export const ACTIVE_SEGMENT = 'production_logs.json';

/** A clean copy of the active segment, until it takes its place. */
export const CLEAN_COPY = 'production_logs.clean-copy.tmp';

/** Raw bytes of damaged lines, one JSON object a line. */
export const DAMAGED_LINES = 'damaged-lines.ndjson';

const SEALED_PATTERN = /^production_logs\.(\d{9})\.(\d{4}-\d{2}-\d{2})\.json$/;
const SEQUENCE_DIGITS = 9;

const MILLISECONDS_PER_DAY = 86_400_000;

/** What the log needs of an open file; tests hand in files that fail. */
export type SegmentFile = Pick<FileHandle, 'read' | 'write' | 'truncate' | 'datasync' | 'stat' | 'close'>;

/** Opens a file; `flags` as for `fs.open`. */
export type OpenSegmentFile = (path: string, flags: string) => Promise<SegmentFile>;

/** A segment that is no longer written. */
export interface SealedSegmentName {
  readonly name: string;
  readonly sequence: number;
  /** End of the UTC day of its records, milliseconds since the epoch. */
  readonly endMs: number;
}

/** The UTC day of a time, counted from the epoch. */
export function dayOf(milliseconds: number): number {
  return Math.floor(milliseconds / MILLISECONDS_PER_DAY);
}

/**
 * `production_logs.<sequence>.<yyyy-mm-dd>.json`: names sort in the order of the log.
 *
 * @param day days since the epoch, UTC: the day of the segment's records
 */
export function sealedSegmentName(sequence: number, day: number): string {
  const date = new Date(day * MILLISECONDS_PER_DAY).toISOString().slice(0, 'yyyy-mm-dd'.length);
  return `production_logs.${String(sequence).padStart(SEQUENCE_DIGITS, '0')}.${date}.json`;
}

/** The sealed segments of a folder, oldest first; other files are none of the log's business. */
export async function listSealedSegments(folder: string): Promise<SealedSegmentName[]> {
  const names = (await readdir(folder)).filter((name) => SEALED_PATTERN.test(name)).sort();
  return names.map((name) => {
    const [, sequence, day] = SEALED_PATTERN.exec(name) ?? [];
    return { name, sequence: Number(sequence), endMs: Date.parse(day ?? '') + MILLISECONDS_PER_DAY };
  });
}

/** Makes the folder's names durable: what was created, renamed or removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes all of a buffer at a position, continuing after short writes. */
export async function writeFully(file: SegmentFile, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    // Neither progress nor an error: go no further, or this never ends.
    if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
    written += bytesWritten;
  }
}

/** Reads `length` bytes at a position into the buffer's start; fewer only at the end of the file. */
export async function readFully(
  file: SegmentFile,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<number> {
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
