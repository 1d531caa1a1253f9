import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { parseJsonBody } from '../../common/http/parse-json-body';
import { describeProblem, type ProblemDocument, ProblemException } from '../../common/http/problem';
import { PREDICTION_LOG, type PredictionLog } from '../../logging/prediction-log';
import { ApplicationChecker } from '../../prediction/application-checker';
import { MAXIMUM_APPLICATION_DEPTH } from '../../prediction/application.pipe';
import { describeLogFailure } from '../../prediction/describe-log-failure';
import { draftRefusal } from '../../prediction/draft-refusal';
import { IdempotentPredictions } from '../../prediction/idempotency/idempotent-predictions';
import { FAILED_JOBS, type FailedJobs } from './failed-jobs';
import { type JobOutcome, OLDEST_JOB_MS } from './job';
import { type JobTicket } from './job-message';
import { JobOutcomes } from './job-outcomes';

/** Makes the one decision of a job, or the one refusal. */
@Injectable()
export class JobDecider {
  constructor(
    private readonly checker: ApplicationChecker,
    private readonly predictions: IdempotentPredictions,
    private readonly outcomes: JobOutcomes,
    @Inject(FAILED_JOBS) private readonly failures: FailedJobs,
    @Inject(PREDICTION_LOG) private readonly log: PredictionLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The outcome of a job, kept before it is answered; of a job that comes again, the one that is kept.
   *
   * @param content the application as a body of `POST /predict`
   * @param receivedAt when the job was taken from the queue: monotonic, milliseconds. How long it waited there says
   *   nothing about the time to answer, which monitoring watches
   * @throws {ProblemException} 409 or 503 when it cannot be decided at the moment
   */
  async decide(ticket: JobTicket, content: Buffer, receivedAt: number): Promise<JobOutcome> {
    const { jobId, reference, owner, requestId } = ticket;
    if (reference.issuedAt < this.clock() - OLDEST_JOB_MS) {
      // It may have been decided long ago, and come again because a confirmation was lost.
      const kept = await this.outcomes.find(jobId, reference);
      if (kept !== undefined) return kept;
      return this.fail(ticket, tooOld(), receivedAt);
    }
    try {
      const checked = this.checker.check(parseJsonBody(content, MAXIMUM_APPLICATION_DEPTH));
      if ('problems' in checked) return await this.fail(ticket, notValid(checked.problems), receivedAt);
      const { prediction } = await this.predictions.score(
        checked.application,
        { ...owner, requestId, receivedAt },
        reference.key.idempotencyKey,
      );
      return { jobId, status: 'done', prediction };
    } catch (error) {
      if (!(error instanceof ProblemException) || isForTheMoment(error)) throw error;
      return this.fail(ticket, error.document, receivedAt);
    }
  }

  /**
   * Keeps that a job is given up: a refusal in the log, and beside it what the caller is told.
   *
   * @throws {ProblemException} 503 while it cannot be kept
   */
  async fail(ticket: JobTicket, problem: ProblemDocument, receivedAt: number): Promise<JobOutcome> {
    const { jobId, reference, owner, requestId } = ticket;
    const kept = await this.outcomes.find(jobId, reference);
    if (kept !== undefined) return kept;
    try {
      await this.log.append(draftRefusal(problem, { ...owner, requestId, receivedAt }, performance.now()));
      await this.failures.add(reference.failureKey, problem);
    } catch (error) {
      throw describeLogFailure(error);
    }
    return { jobId, status: 'failed', problem };
  }
}

/** Whether the same job may be decided when it is tried again. */
export function isForTheMoment(error: ProblemException): boolean {
  const { status } = error.document;
  return status === 409 || status === 503;
}

function notValid(errors: ProblemDocument['errors']): ProblemDocument {
  return describeProblem('invalid-application', 'The application was not scored.', errors);
}

function tooOld(): ProblemDocument {
  return describeProblem('job-failed', 'It waited for a worker for 12 hours. Queue it again.');
}
