import { access, constants } from 'node:fs/promises';
import { type Configuration } from '../config/configuration';
import { CommandError } from './command';
import { explainSystemError } from './explain-system-error';

/**
 * Makes sure that a log is there before a command works on it: a wrong `DATA_DIR` would otherwise make an empty one.
 * A database says by itself when it has none.
 *
 * @throws {CommandError} there is no such folder, or it may not be read
 */
export async function expectLog({ log, storage }: Pick<Configuration, 'log' | 'storage'>): Promise<void> {
  if (storage.kind !== 'file') return;
  try {
    await access(log.folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new CommandError(
      `${log.folder}: ${explainSystemError(error)}. Expected the folder of the prediction log: set DATA_DIR as for the ` +
        "service, and run as the service's user.",
      { cause: error },
    );
  }
}
