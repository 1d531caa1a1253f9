import { setMaxListeners } from 'node:events';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type ConsumeMessage } from 'amqplib';
import { CLOCK, type Clock } from '../../common/clock';
import { type SendOutcome, sendSigned } from '../../common/webhook/send-signed';
import { type BrokerConnection, CONSUMING_CONNECTION } from '../broker/broker-connection';
import { ConfirmedPublisher, type OutgoingMessage } from '../broker/confirmed-publisher';
import { MessageConsumer, type Settlement } from '../broker/message-consumer';
import { CALLBACK_PAUSES_SECONDS, callbackPauseQueue, CALLBACKS_QUEUE } from '../broker/topology';
import { CALLBACK_RULES, type CallbackRules } from '../jobs/read-result-addresses';
import { CallbackNames } from './callback-names';

/** Receivers at work at a time; those that are slow delay other callbacks, never a decision. */
const PREFETCH = 16;

const TIMEOUT_MS = 5_000;

/** A result on its way to its receiver. */
interface Callback {
  readonly url: URL;
  readonly jobId: string;
  /** Tries before this one. */
  readonly tries: number;
}

/**
 * Sends results to the addresses that callers named, signed as alerts are. What fails waits in a queue of the broker,
 * longer each time, and is given up to the dead letters in the end. A receiver sees the same `Idempotency-Key` and
 * body at every try.
 */
@Injectable()
export class CallbackSender implements OnModuleDestroy {
  private readonly logger = new Logger(CallbackSender.name);
  private readonly stopping = new AbortController();
  private readonly consumer: MessageConsumer | undefined;
  private readonly names: CallbackNames;

  constructor(
    @Inject(CONSUMING_CONNECTION) connection: BrokerConnection,
    private readonly publisher: ConfirmedPublisher,
    @Inject(CALLBACK_RULES) private readonly rules: CallbackRules,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    // Each request that is under way listens.
    setMaxListeners(0, this.stopping.signal);
    this.names = new CallbackNames(rules.allowPrivateCallbacks);
    const { callbackSecret } = rules;
    // A worker that cannot sign leaves them to those that can.
    if (callbackSecret === undefined) return;
    this.consumer = new MessageConsumer(connection, {
      queue: CALLBACKS_QUEUE,
      prefetch: PREFETCH,
      handle: (message, isOver) => this.handle(message, callbackSecret, isOver),
    });
  }

  /** Interrupts what is under way; it comes again. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.consumer?.stop();
  }

  private async handle(message: ConsumeMessage, secret: string, isOver: AbortSignal): Promise<Settlement> {
    const callback = readCallback(message);
    if (callback === undefined) return 'given-up';
    const ended = await this.send(callback, message.content, secret);
    if (ended.result === 'arrived') return 'done';
    if (this.stopping.signal.aborted && ended.result === 'failed') return 'again';
    const pauseSeconds = ended.result === 'failed' ? CALLBACK_PAUSES_SECONDS[callback.tries] : undefined;
    if (pauseSeconds !== undefined) return this.wait(callback, message.content, pauseSeconds, isOver);
    // The host only: path and query may be a secret of the receiver's.
    this.logger.warn({
      msg: 'a callback was given up: its message is in the dead letters, the outcome can still be asked for',
      host: callback.url.host,
      jobId: callback.jobId,
      tries: callback.tries + 1,
      reason: ended.reason,
    });
    return 'given-up';
  }

  private send({ url, jobId }: Callback, body: Buffer, secret: string): Promise<SendOutcome> {
    const message = { url, body, secret, nowMs: this.clock(), idempotencyKey: jobId };
    return sendSigned(message, {
      allowPrivateAddresses: this.rules.allowPrivateCallbacks,
      resolveName: (hostname) => this.names.resolve(hostname),
      timeoutMs: TIMEOUT_MS,
      signal: this.stopping.signal,
    });
  }

  /** In a queue whose messages come back by themselves. */
  private async wait(
    { url, jobId, tries }: Callback,
    content: Buffer,
    seconds: number,
    isOver: AbortSignal,
  ): Promise<Settlement> {
    const message: OutgoingMessage = {
      exchange: '',
      routingKey: callbackPauseQueue(seconds),
      content,
      properties: {
        messageId: jobId,
        correlationId: jobId,
        contentType: 'application/json',
        headers: { callbackUrl: url.href, tries: tries + 1 },
      },
      mustBeRouted: true,
    };
    try {
      await this.publisher.publishPatiently(message, isOver);
      return 'done';
    } catch {
      return 'again';
    }
  }
}

function readCallback({ properties }: ConsumeMessage): Callback | undefined {
  const { callbackUrl, tries }: Record<string, unknown> = properties.headers ?? {};
  const messageId: unknown = properties.messageId;
  if (typeof callbackUrl !== 'string' || !URL.canParse(callbackUrl)) return undefined;
  if (typeof messageId !== 'string' || typeof tries !== 'number') return undefined;
  return { url: new URL(callbackUrl), jobId: messageId, tries };
}
