import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock } from '../../common/clock';
import { NEWLINE } from './log-line';
import { ACTIVE_SEGMENT, DAMAGED_LINES, readFully, type SegmentFile } from './segment-files';
import { type DamagedLine } from './verify-segment';

/**
 * Appends the raw bytes of damaged lines to `damaged-lines.ndjson`, durably: what they held can still
 * be looked into. Adds all of them or none.
 *
 * @param segment the active segment, which holds them
 */
export async function setAsideDamagedLines(
  folder: string,
  segment: SegmentFile,
  lines: readonly DamagedLine[],
  clock: Clock,
): Promise<void> {
  const file = await open(join(folder, DAMAGED_LINES), 'a+');
  try {
    const { size } = await file.stat();
    try {
      // A start that was killed here may have left half an entry: nothing is glued to it.
      if (!(await endsWithNewline(file, size))) await file.writeFile('\n');
      for (const line of lines)
        await file.writeFile(`${JSON.stringify(await describe(segment, line, clock))}\n`);
      await file.sync();
    } catch (error) {
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function endsWithNewline(file: FileHandle, size: number): Promise<boolean> {
  const last = Buffer.alloc(1, NEWLINE);
  if (size > 0) await readFully(file, last, 1, size - 1);
  return last[0] === NEWLINE;
}

async function describe(segment: SegmentFile, line: DamagedLine, clock: Clock): Promise<unknown> {
  const bytes = Buffer.allocUnsafe(line.length);
  const read = await readFully(segment, bytes, line.length, line.position);
  return {
    segment: ACTIVE_SEGMENT,
    offset: line.position,
    length: line.length,
    salvagedRecords: line.salvagedRecords,
    setAsideAt: new Date(clock()).toISOString(),
    base64: bytes.toString('base64', 0, read),
  };
}
