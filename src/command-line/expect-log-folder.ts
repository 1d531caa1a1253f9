import { access, constants } from 'node:fs/promises';
import { CommandError } from './command';
import { explainSystemError } from './explain-system-error';

/**
 * Makes sure that a log is there before a command works on it: a wrong `DATA_DIR` would otherwise make an empty one.
 *
 * @throws {CommandError} there is no such folder, or it may not be read
 */
export async function expectLogFolder(folder: string): Promise<void> {
  try {
    await access(folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new CommandError(
      `${folder}: ${explainSystemError(error)}. Expected the folder of the prediction log: set DATA_DIR as for the ` +
        "service, and run as the service's user.",
      { cause: error },
    );
  }
}
