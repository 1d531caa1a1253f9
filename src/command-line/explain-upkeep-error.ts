import { ErasureRefusedError, LegalHoldsError, UpkeepTakenError } from '../audit/log-upkeep';
import { type Configuration } from '../config/configuration';
import { DatabaseError } from '../database/database-error';
import { explainDatabaseError } from '../database/explain-database-error';
import { LogFolderError } from '../logging/file/log-folder-error';
import { LogUnavailableError } from '../logging/prediction-log';
import { CommandError } from './command';
import { explainSystemError, readSystemErrorCode } from './explain-system-error';

/** Written for whoever reads them. */
const EXPLAINED = [
  DatabaseError,
  ErasureRefusedError,
  LegalHoldsError,
  UpkeepTakenError,
  LogFolderError,
  LogUnavailableError,
];

/** What went wrong while a command changed the log, as an error that says what to do; a defect as it is. */
export function explainUpkeepError(
  error: unknown,
  { log, storage }: Pick<Configuration, 'log' | 'storage'>,
): unknown {
  if (error instanceof Error && EXPLAINED.some((kind) => error instanceof kind)) {
    return new CommandError(error.message, { cause: error });
  }
  const code = readSystemErrorCode(error);
  if (code === undefined) return error;
  switch (storage.kind) {
    case 'file':
      if (!code.startsWith('E')) return error;
      return new CommandError(
        `${log.folder}: ${explainSystemError(error)}. What was done so far stays; mend the cause, run as the service's ` +
          'user, and run this again.',
        { cause: error },
      );
    case 'postgres': {
      const { advice } = explainDatabaseError(error);
      return new CommandError(
        `DATABASE_URL: the database cannot be used (${code}): ${advice}. What was done so far stays; run this again.`,
        { cause: error },
      );
    }
  }
}
