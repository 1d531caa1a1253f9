import { setMaxListeners } from 'node:events';
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type ConsumeMessage } from 'amqplib';
import { CLOCK, type Clock } from '../../common/clock';
import { SERVICE_VERSION } from '../../common/service-version';
import { postWebhook } from '../../common/webhook/post-webhook';
import { signWebhook } from '../../common/webhook/sign-webhook';
import { errorCode } from '../../logging/file/segment-files';
import { BrokerConnection } from '../broker/broker-connection';
import { ConfirmedPublisher } from '../broker/confirmed-publisher';
import { MessageConsumer, type Settlement } from '../broker/message-consumer';
import { CALLBACK_PAUSES_SECONDS, callbackPauseQueue, CALLBACKS_QUEUE } from '../broker/topology';
import { CALLBACK_RULES, type CallbackRules } from '../jobs/read-result-addresses';
import { CallbackNames } from './callback-names';

/** Receivers at work at a time; those that are slow delay other callbacks, never a decision. */
const PREFETCH = 16;

const TIMEOUT_MS = 5_000;

/** Ask again later, says the receiver by these; any other refusal would be the same the next time. */
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([408, 429]);

/** How a try ended; `reason` is the status of the answer, or the code of what prevented one. */
type Try =
  | { readonly result: 'arrived' }
  | { readonly result: 'refused' | 'failed'; readonly reason: number | string };

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
    connection: BrokerConnection,
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
      handle: (message) => this.handle(message, callbackSecret),
    });
  }

  /** Interrupts what is under way; it comes again. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.consumer?.stop();
  }

  private async handle(message: ConsumeMessage, secret: string): Promise<Settlement> {
    const callback = readCallback(message);
    if (callback === undefined) return 'given-up';
    const ended = await this.send(callback, message.content, secret);
    if (ended.result === 'arrived') return 'done';
    if (this.stopping.signal.aborted && ended.result === 'failed') return 'again';
    const pauseSeconds = ended.result === 'failed' ? CALLBACK_PAUSES_SECONDS[callback.tries] : undefined;
    if (pauseSeconds !== undefined) return this.wait(callback, message.content, pauseSeconds);
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

  private async send({ url, jobId }: Callback, body: Buffer, secret: string): Promise<Try> {
    // Of this try: receivers refuse what is minutes old.
    const timestamp = String(Math.floor(this.clock() / 1000));
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': `credit-scoring/${SERVICE_VERSION}`,
      'X-Signature-256': signWebhook(secret, timestamp, body),
      'X-Signature-Timestamp': timestamp,
      'Idempotency-Key': jobId,
    };
    try {
      const status = await postWebhook(url, headers, body, {
        allowPrivateAddresses: this.rules.allowPrivateCallbacks,
        resolveName: (hostname) => this.names.resolve(hostname),
        timeoutMs: TIMEOUT_MS,
        signal: this.stopping.signal,
      });
      if (status >= 200 && status < 300) return { result: 'arrived' };
      const isTemporary = status >= 500 || TEMPORARY_STATUSES.has(status);
      return { result: isTemporary ? 'failed' : 'refused', reason: status };
    } catch (error) {
      const reason = errorCode(error);
      return { result: reason === 'ENOTPUBLIC' ? 'refused' : 'failed', reason };
    }
  }

  /** In a queue whose messages come back by themselves. */
  private async wait({ url, jobId, tries }: Callback, content: Buffer, seconds: number): Promise<Settlement> {
    try {
      await this.publisher.publish({
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
      });
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
