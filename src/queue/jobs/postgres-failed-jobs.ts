import { type QueryResultRow } from 'pg';
import { type ProblemDocument } from '../../common/http/problem';
import { type Database, type DatabaseResult } from '../../database/database';
import { isDatabaseUnavailable } from '../../database/explain-database-error';
import { hashIdempotencyKey, type OwnedKey } from '../../logging/hash-idempotency-key';
import { LogUnavailableError } from '../../logging/prediction-log';
import { type FailedJobs } from './failed-jobs';
import { OUTCOME_KEPT_MS } from './job';

const KEPT = `interval '${OUTCOME_KEPT_MS / 1000} seconds'`;

/** As for the log, which is in the same database. */
const RETRY_AFTER_SECONDS = 2;

/** Failed jobs in the database that instances share. */
export class PostgresFailedJobs implements FailedJobs {
  constructor(private readonly database: Database) {}

  async add(key: OwnedKey, problem: ProblemDocument): Promise<void> {
    // There are few: those that are too old are removed on the way. One of the same key gives way to the new reason.
    await this.ask(
      `WITH removed AS (DELETE FROM failed_jobs WHERE failed_at < now() - ${KEPT} AND key_hash <> $1)
       INSERT INTO failed_jobs AS kept (key_hash, failed_at, problem) VALUES ($1, now(), $2)
       ON CONFLICT (key_hash) DO UPDATE SET failed_at = excluded.failed_at, problem = excluded.problem
         WHERE kept.failed_at < now() - ${KEPT}`,
      [hashIdempotencyKey(key), JSON.stringify(problem)],
    );
  }

  async find(key: OwnedKey): Promise<ProblemDocument | undefined> {
    const { rows } = await this.ask<{ problem: ProblemDocument }>(
      `SELECT problem FROM failed_jobs WHERE key_hash = $1 AND failed_at >= now() - ${KEPT}`,
      [hashIdempotencyKey(key)],
    );
    return rows[0]?.problem;
  }

  private async ask<Row extends QueryResultRow>(
    statement: string,
    values: readonly unknown[],
  ): Promise<DatabaseResult<Row>> {
    try {
      return await this.database.query<Row>(statement, values);
    } catch (error) {
      // Any other error is a defect, for which no job should be held.
      if (!isDatabaseUnavailable(error)) throw error;
      throw new LogUnavailableError('PostgreSQL does not tell which jobs failed', RETRY_AFTER_SECONDS, {
        cause: error,
      });
    }
  }
}
