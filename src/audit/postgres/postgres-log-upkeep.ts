import { type Client, DatabaseError as ServerError } from 'pg';
import { type Clock } from '../../common/clock';
import { Database } from '../../database/database';
import { DatabaseError } from '../../database/database-error';
import { explainDatabaseError, isDatabaseUnavailable } from '../../database/explain-database-error';
import { type LogUpkeep, type UpkeepSession, UpkeepTakenError } from '../log-upkeep';
import { PostgresUpkeepSession, readLegalHolds } from './postgres-upkeep-session';

/** Any number, the same in every version: who upholds the log holds the advisory lock of this name. */
const UPKEEP_LOCK = 5_081_977;

/** A backup reads for as long as it takes, and who waits for it holds up nobody. */
const LOCK_TIMEOUT_MS = 10 * 60_000;

/** Clearing a partition of some ten million rows takes a minute; what takes longer stands still. */
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

/** A server whose client is gone would keep the lock until its statement has ended; it looks this often. */
const CLIENT_CHECK_MS = 1_000;

/**
 * Upkeep of a log in PostgreSQL (14 or later). Whoever does it has a connection of its own, which holds the lock and
 * does the work: when the connection is lost so is the lock, and nothing more can be done by it.
 */
export class PostgresLogUpkeep implements LogUpkeep {
  /** @param clock milliseconds since the epoch: what goes by the time is done only while the database agrees with it */
  constructor(
    private readonly database: Pick<Database, 'createClient'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Connects only when it is asked for something.
   *
   * @param url a secret: no error holds anything of it
   * @param clock milliseconds since the epoch
   */
  static at(url: string, clock: Clock): PostgresLogUpkeep {
    return new PostgresLogUpkeep(new Database({ url }), clock);
  }

  /**
   * @inheritDoc
   * @throws {DatabaseError} the database cannot be used
   */
  readHolds(): Promise<readonly string[]> {
    return this.connected(readLegalHolds);
  }

  /**
   * @inheritDoc
   * @throws {DatabaseError} the database cannot be used
   */
  exclusively<T>(work: (session: UpkeepSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.connected(async (client) => {
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
        UPKEEP_LOCK,
      ]);
      if (rows[0]?.taken !== true) {
        throw new UpkeepTakenError(
          'DATABASE_URL: another erasure, retention or change of legal holds is under way. Wait until it has ended, and run this again.',
        );
      }
      return work(new PostgresUpkeepSession(client, this.clock));
    }, signal);
  }

  /** Ending the connection ends the lock as well. */
  private async connected<T>(work: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const client = this.database.createClient({
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
    });
    const end = (): void => void client.end();
    signal?.addEventListener('abort', end);
    try {
      await client.connect();
      await client.query(`SET client_connection_check_interval = ${CLIENT_CHECK_MS}`);
      return await work(client);
    } catch (error) {
      signal?.throwIfAborted();
      throw explain(error);
    } finally {
      signal?.removeEventListener('abort', end);
      await client.end();
    }
  }
}

/** What the driver or the server said, in words; anything else as it is. */
function explain(error: unknown): unknown {
  if (!(error instanceof ServerError) && !isDatabaseUnavailable(error)) return error;
  const { code, advice } = explainDatabaseError(error);
  return new DatabaseError(`DATABASE_URL: the database cannot be used (${code}): ${advice}`, {
    cause: error,
  });
}
