import { type ProblemDocument } from '../../common/http/problem';
import { type Database } from '../../database/database';
import { hashIdempotencyKey, type OwnedKey } from '../../logging/hash-idempotency-key';
import { type FailedJobs } from './failed-jobs';
import { OUTCOME_KEPT_MS } from './job';

const KEPT = `interval '${OUTCOME_KEPT_MS / 1000} seconds'`;

/** Failed jobs in the database that instances share. */
export class PostgresFailedJobs implements FailedJobs {
  constructor(private readonly database: Database) {}

  async add(key: OwnedKey, problem: ProblemDocument): Promise<void> {
    // There are few: those that are too old are removed on the way.
    await this.database.query(
      `WITH removed AS (DELETE FROM failed_jobs WHERE failed_at < now() - ${KEPT} AND key_hash <> $1)
       INSERT INTO failed_jobs (key_hash, failed_at, problem) VALUES ($1, now(), $2)
       ON CONFLICT (key_hash) DO NOTHING`,
      [hashIdempotencyKey(key), JSON.stringify(problem)],
    );
  }

  async find(key: OwnedKey): Promise<ProblemDocument | undefined> {
    const { rows } = await this.database.query<{ problem: ProblemDocument }>(
      `SELECT problem FROM failed_jobs WHERE key_hash = $1 AND failed_at >= now() - ${KEPT}`,
      [hashIdempotencyKey(key)],
    );
    return rows[0]?.problem;
  }
}
