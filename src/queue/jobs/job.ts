import { type ProblemDocument } from '../../common/http/problem';
import { KEY_KEPT_MS } from '../../logging/hash-idempotency-key';
import { type Prediction } from '../../prediction/prediction';

/** What became of a job; sent to reply queues and callbacks, and what `GET /predict/async/{jobId}` answers. */
export type JobOutcome =
  | { readonly jobId: string; readonly status: 'done'; readonly prediction: Prediction }
  | { readonly jobId: string; readonly status: 'failed'; readonly problem: ProblemDocument };

/** What is known of a job. */
export type JobState = JobOutcome | { readonly jobId: string; readonly status: 'queued' };

/** A job is not begun when it is older: its outcome must be remembered for longer than it may come again. */
export const OLDEST_JOB_MS = 12 * 3_600_000;

/** As long as idempotency keys: outcomes are found by them. */
export const OUTCOME_KEPT_MS = KEY_KEPT_MS;
