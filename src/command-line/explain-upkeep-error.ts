import { ErasureRefusedError } from '../audit/erase-client';
import { LegalHoldsError } from '../audit/legal-holds';
import { UpkeepTakenError } from '../audit/upkeep-lock';
import { LogFolderError } from '../logging/file/log-folder-error';
import { LogUnavailableError } from '../logging/prediction-log';
import { CommandError } from './command';
import { explainSystemError, readSystemErrorCode } from './explain-system-error';

/** Written for whoever reads them. */
const EXPLAINED = [
  ErasureRefusedError,
  LegalHoldsError,
  UpkeepTakenError,
  LogFolderError,
  LogUnavailableError,
];

/** What went wrong while a command changed the log, as an error that says what to do; a defect as it is. */
export function explainUpkeepError(error: unknown, folder: string): unknown {
  if (error instanceof Error && EXPLAINED.some((kind) => error instanceof kind)) {
    return new CommandError(error.message, { cause: error });
  }
  if (readSystemErrorCode(error)?.startsWith('E') !== true) return error;
  return new CommandError(
    `${folder}: ${explainSystemError(error)}. What was done so far stays; mend the cause, run as the service's user, ` +
      'and run this again.',
    { cause: error },
  );
}
