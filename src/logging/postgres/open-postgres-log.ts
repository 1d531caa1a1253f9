import { type Clock } from '../../common/clock';
import { type Database } from '../../database/database';
import { DatabaseError } from '../../database/database-error';
import { LogUnavailableError, type PredictionLogReader } from '../prediction-log';
import { PostgresLogReader } from './postgres-log-reader';
import { PostgresPredictionLog } from './postgres-prediction-log';

/** Which log a process needs. */
export interface PostgresLogSettings {
  /** Migrated; stays open when the log is closed. */
  readonly database: Database;
  readonly clock: Clock;
  /** Whether this process decides, and so writes. */
  readonly writes: boolean;
}

/**
 * Opens the log of a process that starts.
 *
 * @throws {DatabaseError} the log cannot be written: the message says what to do
 */
export async function openPostgresLog({
  database,
  clock,
  writes,
}: PostgresLogSettings): Promise<PredictionLogReader> {
  if (!writes) return new PostgresLogReader(database);
  try {
    return await PostgresPredictionLog.open({ database, clock });
  } catch (error) {
    if (!(error instanceof LogUnavailableError)) throw error;
    throw new DatabaseError(`DATABASE_URL: ${error.message}`, { cause: error });
  }
}
