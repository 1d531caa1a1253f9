import { Inject, Injectable } from '@nestjs/common';
import { type ProblemDocument } from '../../common/http/problem';
import { describeReadFailure } from '../../logging/describe-read-failure';
import { type OwnedKey } from '../../logging/hash-idempotency-key';
import { KEYED_DECISIONS, type KeyedDecisions } from '../../prediction/idempotency/keyed-decisions';
import { toPrediction } from '../../prediction/prediction';
import { FAILED_JOBS, type FailedJobs } from './failed-jobs';
import { type JobOutcome } from './job';
import { type JobReference } from './job-id';

/** Finds what became of jobs, for 24 hours from then. */
@Injectable()
export class JobOutcomes {
  constructor(
    @Inject(KEYED_DECISIONS) private readonly decisions: KeyedDecisions,
    @Inject(FAILED_JOBS) private readonly failures: FailedJobs,
  ) {}

  /**
   * Undefined when nothing became of it yet, or it is no longer remembered.
   *
   * @throws {ProblemException} 503 while it cannot be known
   *
   * Cost: one look-up for a job that is done, two for any other.
   */
  async find(jobId: string, { key, failureKey }: JobReference): Promise<JobOutcome | undefined> {
    const record = await this.decisions.find(key);
    if (record !== undefined) return { jobId, status: 'done', prediction: toPrediction(record) };
    const problem = await this.findFailure(failureKey);
    return problem && { jobId, status: 'failed', problem };
  }

  private async findFailure(key: OwnedKey): Promise<ProblemDocument | undefined> {
    try {
      return await this.failures.find(key);
    } catch (error) {
      throw describeReadFailure(error);
    }
  }
}
