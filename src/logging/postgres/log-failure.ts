import { explainDatabaseError, isDatabaseUnavailable } from '../../database/explain-database-error';
import { LogUnavailableError } from '../prediction-log';

/** Connections are made again within a second. */
const RETRY_AFTER_SECONDS = 2;

/** What a failed write is to those who asked for it: the record counts as not kept, whatever the reason. */
export function explainWriteFailure(error: unknown): LogUnavailableError {
  return explain('written', error);
}

/** What a failed read is: the log is unavailable when the server is, and anything else is a defect, given as it is. */
export function explainReadFailure(error: unknown): unknown {
  return isDatabaseUnavailable(error) ? explain('read', error) : error;
}

function explain(done: 'written' | 'read', error: unknown): LogUnavailableError {
  const { code, advice } = explainDatabaseError(error);
  return new LogUnavailableError(
    `The prediction log in PostgreSQL cannot be ${done} (${code}): ${advice}`,
    RETRY_AFTER_SECONDS,
    { cause: error },
  );
}
