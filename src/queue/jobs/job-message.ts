import { type ConsumeMessage } from 'amqplib';
import { type Application } from '../../scoring/application/application';
import { type OutgoingMessage } from '../broker/confirmed-publisher';
import { JOBS_EXCHANGE, JOBS_QUEUE } from '../broker/topology';
import { type JobOwner, readJobId, type JobReference } from './job-id';

/** Where the outcome goes, beside being kept. */
export interface ResultAddresses {
  /** Name of a queue. */
  readonly replyTo?: string;
  readonly callbackUrl?: string;
}

/** A job on its way: everything but the application, which is read later, as it may be damaged. */
export interface JobTicket {
  readonly jobId: string;
  readonly reference: JobReference;
  readonly owner: JobOwner;
  /** Of the request that queued it. */
  readonly requestId: string;
  readonly addresses: ResultAddresses;
}

/** The content of a job's message: the application as a body of `POST /predict`. */
export function writeApplication({ inputs, clientId, protected: attributes }: Application): Buffer {
  const body = {
    ...inputs,
    ...(clientId !== undefined && { clientId }),
    ...(attributes !== undefined && { protected: attributes }),
  };
  return Buffer.from(JSON.stringify(body));
}

/** The message that stands for a job. */
export function writeJobMessage(
  { jobId, owner, requestId, addresses }: Omit<JobTicket, 'reference'>,
  content: Buffer,
): OutgoingMessage {
  return {
    exchange: JOBS_EXCHANGE,
    routingKey: JOBS_QUEUE,
    content,
    properties: {
      messageId: jobId,
      contentType: 'application/json',
      ...(addresses.replyTo !== undefined && { replyTo: addresses.replyTo }),
      headers: {
        caller: owner.caller,
        ...(owner.tenant !== undefined && { tenant: owner.tenant }),
        requestId,
        ...(addresses.callbackUrl !== undefined && { callbackUrl: addresses.callbackUrl }),
      },
    },
    mustBeRouted: true,
  };
}

/** Reads a job from a message; undefined when it cannot be told whose it is, so that nobody can be told of it. */
export function readJobMessage({ properties }: ConsumeMessage): JobTicket | undefined {
  const { caller, tenant, requestId, callbackUrl }: Record<string, unknown> = properties.headers ?? {};
  const messageId: unknown = properties.messageId;
  const replyTo: unknown = properties.replyTo;
  if (typeof messageId !== 'string' || typeof caller !== 'string' || typeof requestId !== 'string') {
    return undefined;
  }
  const owner = { caller, ...(typeof tenant === 'string' && { tenant }) };
  const reference = readJobId(messageId, owner);
  if (reference === undefined) return undefined;
  return {
    jobId: messageId,
    reference,
    owner,
    requestId,
    addresses: {
      ...(typeof replyTo === 'string' && { replyTo }),
      ...(typeof callbackUrl === 'string' && { callbackUrl }),
    },
  };
}

/** How often the broker has delivered a message before; quorum queues count. */
export function countDeliveries({ properties }: ConsumeMessage): number {
  const count: unknown = properties.headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}
