import { type Stats } from 'node:fs';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { syncFolder } from './segment-files';

/** A new version of a file, until it takes its place. */
const NEW_VERSION_ENDING = '.new-version.tmp';

/**
 * Puts a new version in the place of a file, or makes it. Whoever opens its name meets the old version or the new one, whole,
 * also after a kill or the loss of power at any moment; those who have the old one open go on reading it.
 *
 * @param write gets the new version, empty
 */
export async function writeNewVersion(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const newPath = `${path}${NEW_VERSION_ENDING}`;
  const old = await statExisting(path);
  const file = await open(newPath, 'w', old?.mode);
  try {
    // The service must be able to read what an administrator wrote; anybody else can only replace what is their own.
    if (old && process.getuid?.() === 0) await file.chown(old.uid, old.gid);
    await write(file);
    await file.sync();
    await rename(newPath, path);
  } catch (error) {
    await rm(newPath, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

/** Removes new versions whose writer was killed: they hold what may have to be erased. */
export async function removeNewVersions(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(NEW_VERSION_ENDING)) await rm(join(folder, name), { force: true });
  }
}

async function statExisting(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
