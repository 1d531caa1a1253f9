import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Nobody but the service's user reads what opens doors. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Makes a file that must not be there yet, whole or not at all, readable by its owner only.
 *
 * @returns false when another process, or an earlier start, has made it already
 */
export async function writeNewFile(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const beside = await writeBeside(path, text);
  try {
    // A link, where a rename would replace what somebody else made in the meantime.
    await link(beside, path);
    await syncFolder(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
}

/** Replaces a file as a whole: a kill leaves the old text or the new one. Readable by its owner only. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = await writeBeside(path, text);
  try {
    await rename(beside, path);
    await syncFolder(path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

async function writeBeside(path: string, text: string): Promise<string> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(beside, 'wx', FILE_MODE);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return beside;
}

/** Without it the loss of power could take back a revocation that was already told. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
