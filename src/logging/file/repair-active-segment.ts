import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { type Clock } from '../../common/clock';
import { ACTIVE_SEGMENT, CLEAN_COPY, readFully, syncFolder, writeFully } from './segment-files';
import { setAsideDamagedLines } from './set-aside-damaged-lines';
import { verifySegment, type SoundExtent, type VerifiedSegment } from './verify-segment';

/** Copying goes through one buffer of this size. */
const COPY_BLOCK = 1024 * 1024;

const NEWLINE_BYTES = Buffer.from('\n');

/** How the active segment was found at start. */
export interface RepairedSegment {
  /** Bytes, all of them whole sound lines. */
  readonly length: number;
  readonly lastId: string | undefined;
  readonly damagedLines: number;
}

/**
 * Makes the active segment consist of whole sound lines: a torn tail is cut, damaged lines are copied
 * to `damaged-lines.ndjson` and left out, all others are kept. Killed half-way, it starts over at the
 * next start; nothing is lost, a damaged line may then be set aside twice.
 */
export async function repairActiveSegment(folder: string, clock: Clock): Promise<RepairedSegment> {
  await rm(join(folder, CLEAN_COPY), { force: true });
  const file = await openExisting(join(folder, ACTIVE_SEGMENT));
  if (file === undefined) return { length: 0, lastId: undefined, damagedLines: 0 };
  try {
    const verified = await verifySegment(file, (await file.stat()).size);
    const length =
      verified.damaged.length === 0
        ? await mendTail(file, verified)
        : await replaceByCleanCopy(folder, file, verified, clock);
    return { length, lastId: verified.lastId, damagedLines: verified.damaged.length };
  } finally {
    await file.close();
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Cuts a torn tail, or ends a last line that only lacks its newline. */
async function mendTail(file: FileHandle, { sound, tornBytes }: VerifiedSegment): Promise<number> {
  const all = sound[0];
  const length = all?.length ?? 0;
  if (tornBytes > 0) await file.truncate(length);
  if (all?.lacksNewline !== true) return length;
  await writeFully(file, NEWLINE_BYTES, length);
  return length + NEWLINE_BYTES.length;
}

async function replaceByCleanCopy(
  folder: string,
  file: FileHandle,
  { sound, damaged }: VerifiedSegment,
  clock: Clock,
): Promise<number> {
  const copyPath = join(folder, CLEAN_COPY);
  try {
    const length = await copySoundLines(file, sound, copyPath);
    await setAsideDamagedLines(folder, file, damaged, clock);
    await rename(copyPath, join(folder, ACTIVE_SEGMENT));
    await syncFolder(folder);
    return length;
  } catch (error) {
    // Its space may be what is missing.
    await rm(copyPath, { force: true });
    throw error;
  }
}

async function copySoundLines(
  file: FileHandle,
  sound: readonly SoundExtent[],
  copyPath: string,
): Promise<number> {
  const copy = await open(copyPath, 'w');
  try {
    const buffer = Buffer.allocUnsafe(COPY_BLOCK);
    let length = 0;
    for (const extent of sound) {
      const end = extent.position + extent.length;
      for (let position = extent.position; position < end;) {
        const read = await readFully(file, buffer, Math.min(buffer.length, end - position), position);
        if (read === 0) throw new Error('the active segment shrank while it was copied');
        await writeFully(copy, buffer.subarray(0, read), length);
        position += read;
        length += read;
      }
      if (extent.lacksNewline) {
        await writeFully(copy, NEWLINE_BYTES, length);
        length += NEWLINE_BYTES.length;
      }
    }
    await copy.sync();
    return length;
  } finally {
    await copy.close();
  }
}
