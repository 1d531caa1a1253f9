import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { ProblemException } from '../../common/http/problem';
import { type RequestContext } from '../../common/http/request-context';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type Application } from '../../scoring/application/application';
import { BrokerUnavailableError } from '../broker/broker-unavailable-error';
import { ConfirmedPublisher } from '../broker/confirmed-publisher';
import { type JobState, OUTCOME_KEPT_MS } from './job';
import { JobIds, type JobOwner } from './job-id';
import { type ResultAddresses, writeApplication, writeJobMessage } from './job-message';
import { JobOutcomes } from './job-outcomes';

/** A broker that restarts is back within seconds. */
const RETRY_AFTER_SECONDS = 2;

/** Hands applications to workers, and tells what became of them. */
@Injectable()
export class AsyncPredictions {
  constructor(
    private readonly ids: JobIds,
    private readonly publisher: ConfirmedPublisher,
    private readonly outcomes: JobOutcomes,
    private readonly metrics: ServiceMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Answers the job's id only after the broker has the application on disk.
   *
   * @param idempotencyKey with the same application it stands for one decision, to which every id given for it leads
   * @throws {ProblemException} 503 when the broker has not confirmed within two seconds
   */
  async queue(
    application: Application,
    { requestId, caller, tenant }: RequestContext,
    addresses: ResultAddresses,
    idempotencyKey: string | undefined,
  ): Promise<string> {
    const owner = { caller, ...(tenant !== undefined && { tenant }) };
    // With the application in it, a key that is used for another one never shows that one's decision.
    const sameAs = idempotencyKey === undefined ? undefined : JSON.stringify([idempotencyKey, application]);
    const jobId = this.ids.issue(owner, sameAs);
    try {
      const ticket = { jobId, owner, requestId, addresses };
      await this.publisher.publish(writeJobMessage(ticket, writeApplication(application)));
    } catch (error) {
      if (!(error instanceof BrokerUnavailableError)) throw error;
      throw new ProblemException(
        'queue-unavailable',
        'It is not known whether it was queued. Send it again later with the Idempotency-Key it had: it is then decided once.',
        { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause: error },
      );
    }
    this.metrics.countJob('queued');
    return jobId;
  }

  /**
   * What is known of a job.
   *
   * @throws {ProblemException} 404 when the id was not given to this owner, or is older than outcomes are kept; 503
   *   while it cannot be known
   */
  async find(jobId: string, owner: JobOwner): Promise<JobState> {
    const reference = this.ids.verify(jobId, owner);
    if (reference === undefined) throw new ProblemException('not-found', 'No job of yours has this id.');
    const outcome = await this.outcomes.find(jobId, reference);
    if (outcome !== undefined) return outcome;
    if (reference.issuedAt < this.clock() - OUTCOME_KEPT_MS) {
      throw new ProblemException(
        'not-found',
        'Outcomes of jobs are kept for 24 hours; records stay in the log.',
      );
    }
    return { jobId, status: 'queued' };
  }
}
