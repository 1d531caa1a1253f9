import { join } from 'node:path';
import { LogFolderTakenError } from '../../logging/file/log-folder-error';
import { WriterLock } from '../../logging/file/writer-lock';
import { UpkeepTakenError } from '../log-upkeep';

/** Folder within the log's, for what erasure and retention keep. */
const FOLDER = 'upkeep';

/** Where legal holds are kept. */
export function upkeepFolderOf(logFolder: string): string {
  return join(logFolder, FOLDER);
}

/**
 * Erasure, retention and changes of legal holds of a folder, one at a time.
 *
 * @throws {UpkeepTakenError} another one is under way
 * @throws {LogFolderError} the folder cannot be used
 */
export async function withUpkeepLock<T>(logFolder: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquire(logFolder);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function acquire(logFolder: string): Promise<WriterLock> {
  try {
    return await WriterLock.acquire(upkeepFolderOf(logFolder), 'The upkeep of the prediction log');
  } catch (error) {
    if (!(error instanceof LogFolderTakenError)) throw error;
    throw new UpkeepTakenError(
      `${logFolder}: another erasure, retention or change of legal holds is under way. Wait until it has ended, and run this again.`,
      { cause: error },
    );
  }
}
