import { Injectable } from '@nestjs/common';
import { ConfirmedPublisher } from '../broker/confirmed-publisher';
import { CALLBACKS_QUEUE } from '../broker/topology';
import { type JobOutcome } from './job';
import { type JobTicket } from './job-message';

/** Tells the outcome of a job to whoever wanted to be told; what was told may be told again. */
@Injectable()
export class JobResults {
  constructor(private readonly publisher: ConfirmedPublisher) {}

  /**
   * Resolves when the reply is in its queue, if there is such a queue, and the callback in the queue of those to be
   * made: nobody who decides waits for a receiver.
   *
   * @param isOver ends the wait for a broker that takes nothing at the moment
   * @throws {BrokerUnavailableError} it was not taken over; to be told again
   */
  async send(
    { jobId, addresses: { replyTo, callbackUrl } }: JobTicket,
    outcome: JobOutcome,
    isOver: AbortSignal,
  ): Promise<void> {
    if (replyTo === undefined && callbackUrl === undefined) return;
    const content = Buffer.from(JSON.stringify(outcome));
    const properties = { messageId: jobId, correlationId: jobId, contentType: 'application/json' };
    if (replyTo !== undefined) {
      // A queue that nobody declared loses its own replies; the outcome can still be asked for.
      await this.publisher.publishPatiently(
        { exchange: '', routingKey: replyTo, content, properties, mustBeRouted: false },
        isOver,
      );
    }
    if (callbackUrl !== undefined) {
      await this.publisher.publishPatiently(
        {
          exchange: '',
          routingKey: CALLBACKS_QUEUE,
          content,
          properties: { ...properties, headers: { callbackUrl, tries: 0 } },
          mustBeRouted: true,
        },
        isOver,
      );
    }
  }
}
