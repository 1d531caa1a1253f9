import { type OwnedKey } from '../../logging/hash-idempotency-key';
import { type ProblemDocument } from '../../common/http/problem';

/** Injection token of the `FailedJobs`. */
export const FAILED_JOBS = Symbol('FailedJobs');

/**
 * Why jobs failed, by the `failureKey` of each; few and small. The log keeps a refusal of each beside it, for much longer.
 *
 * Both reject with a `LogUnavailableError` while what they are kept in is away.
 */
export interface FailedJobs {
  /** Keeps it; the first one stays, for as long as `find` tells it. */
  add(key: OwnedKey, problem: ProblemDocument): Promise<void>;
  /** Undefined when the job has not failed, or longer than `OUTCOME_KEPT_MS` ago. */
  find(key: OwnedKey): Promise<ProblemDocument | undefined>;
}
