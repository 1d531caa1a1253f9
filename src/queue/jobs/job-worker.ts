import { setMaxListeners } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type ConsumeMessage } from 'amqplib';
import { describeProblem, ProblemException } from '../../common/http/problem';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type BrokerConnection, CONSUMING_CONNECTION } from '../broker/broker-connection';
import { BrokerUnavailableError } from '../broker/broker-unavailable-error';
import { ConfirmedPublisher, HOLD_WITHOUT_BROKER_MS } from '../broker/confirmed-publisher';
import { MessageConsumer, type Settlement } from '../broker/message-consumer';
import { JOBS_QUEUE } from '../broker/topology';
import { isForTheMoment, JobDecider } from './job-decider';
import { type JobOutcome } from './job';
import { countDeliveries, type JobTicket, readJobMessage, writeJobMessage } from './job-message';
import { JobResults } from './job-results';

/** Enough for records to be written in groups; few enough to come again soon after a kill. */
const PREFETCH = 64;

/** A job that has brought down so many workers, or failed in so many, would bring down the next one, too. */
const MOST_DELIVERIES = 20;

/** Pauses while the log is away, doubling from the first to the longest. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/**
 * How long a job is held while the log is away. Then it goes to the end of the queue as a new message: the broker
 * would count each return as a failure of the job, and after half an hour take the worker for dead.
 */
const HOLD_MS = 60_000;

/** Slows down a job whose failure nobody understands. */
const UNEXPECTED_PAUSE_MS = 500;

/** Takes jobs from the queue, and lets each go only when its outcome is kept. */
@Injectable()
export class JobWorker implements OnModuleDestroy {
  private readonly logger = new Logger(JobWorker.name);
  private readonly consumer: MessageConsumer;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(CONSUMING_CONNECTION) connection: BrokerConnection,
    private readonly publisher: ConfirmedPublisher,
    private readonly decider: JobDecider,
    private readonly results: JobResults,
    private readonly metrics: ServiceMetrics,
  ) {
    // Each job that is held listens: as many as are taken, and those of a connection that was lost.
    setMaxListeners(0, this.stopping.signal);
    this.consumer = new MessageConsumer(connection, {
      queue: JOBS_QUEUE,
      prefetch: PREFETCH,
      handle: (message, isOver) => this.handle(message, isOver),
    });
  }

  /** Before anything else stops: finishes what it has, and takes no more. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.consumer.stop();
  }

  private async handle(message: ConsumeMessage, isOver: AbortSignal): Promise<Settlement> {
    const ticket = readJobMessage(message);
    if (ticket === undefined) {
      this.logger.error('a message is no job: it went to the dead letters, look at who published it');
      return 'given-up';
    }
    try {
      return await this.finish(ticket, message, isOver);
    } catch (error) {
      if (error instanceof BrokerUnavailableError) return 'again';
      if (error instanceof ProblemException && isForTheMoment(error)) {
        return await this.putBack(ticket, message.content);
      }
      this.logger.error({ msg: 'a job failed and will be tried again', jobId: ticket.jobId, err: error });
      await this.rest(UNEXPECTED_PAUSE_MS);
      return 'again';
    }
  }

  private async finish(ticket: JobTicket, message: ConsumeMessage, isOver: AbortSignal): Promise<Settlement> {
    const receivedAt = performance.now();
    const isPoison = countDeliveries(message) >= MOST_DELIVERIES;
    const outcome = await this.insist(() =>
      isPoison
        ? this.decider.fail(ticket, givenUp(), receivedAt)
        : this.decider.decide(ticket, message.content, receivedAt),
    );
    await this.results.send(ticket, outcome, isOver);
    this.metrics.countJob(outcome.status);
    if (outcome.status === 'done') return 'done';
    this.logger.warn({
      msg: 'a job failed: its message is in the dead letters, its caller is told why',
      jobId: ticket.jobId,
      requestId: ticket.requestId,
      problem: outcome.problem.title,
    });
    return 'given-up';
  }

  /** Tries again while it only cannot be done at the moment, with growing pauses. */
  private async insist(decide: () => Promise<JobOutcome>): Promise<JobOutcome> {
    const heldSince = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await decide();
      } catch (error) {
        if (!(error instanceof ProblemException) || !isForTheMoment(error)) throw error;
        // It cannot go to the end of the queue while nothing can be published.
        const holdMs = this.publisher.canPublish() ? HOLD_MS : HOLD_WITHOUT_BROKER_MS;
        if (this.stopping.signal.aborted || performance.now() - heldSince > holdMs) throw error;
        await this.rest(pauseMs);
      }
    }
  }

  /** As a new message, which was never delivered. Should both be seen, only one decision is made. */
  private async putBack(ticket: JobTicket, content: Buffer): Promise<Settlement> {
    if (this.stopping.signal.aborted) return 'again';
    try {
      await this.publisher.publish(writeJobMessage(ticket, content));
      return 'done';
    } catch {
      return 'again';
    }
  }

  private async rest(milliseconds: number): Promise<void> {
    // Rejects when stopped.
    await pause(milliseconds, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

function givenUp(): ReturnType<typeof describeProblem> {
  return describeProblem(
    'job-failed',
    'It failed in every worker that took it. Report the id of the job, and send the application to POST /predict.',
  );
}
