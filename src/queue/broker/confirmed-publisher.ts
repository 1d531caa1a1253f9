import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type ChannelModel, type ConfirmChannel, type Options } from 'amqplib';
import { BrokerUnavailableError } from './broker-unavailable-error';
import { type BrokerConnection, type BrokerUser } from './broker-connection';

/** Callers wait no longer: they are told within two seconds. */
const CONFIRM_WITHIN_MS = 1_500;

/**
 * How long a message in hand is held while nothing can be published. Twice as long, for a decision and for its result,
 * stays below the half hour after which RabbitMQ takes a consumer for dead.
 */
export const HOLD_WITHOUT_BROKER_MS = 12 * 60_000;
const LOOK_EVERY_MS = 250;

/** Messages that may wait for their confirm at a time, and their bytes: a broker that stands still costs no more memory. */
const MOST_UNCONFIRMED = 2_000;
const MOST_UNCONFIRMED_BYTES = 16 * 1024 * 1024;

/** Where a message goes, and how. */
export interface OutgoingMessage {
  /** The nameless exchange leads to the queue that the routing key names. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish & { readonly messageId: string };
  /** Whether it is a failure that no queue takes it. */
  readonly mustBeRouted: boolean;
}

/** Publishes persistent messages, in order, and knows which of them the broker has taken over. */
export class ConfirmedPublisher implements BrokerUser {
  private channel: ConfirmChannel | undefined;
  private unconfirmed = 0;
  private unconfirmedBytes = 0;
  /** Messages that no queue took; the broker tells before it confirms. */
  private readonly returned = new Set<string>();

  /**
   * Before the connection is opened.
   *
   * @param confirmWithinMs how long one message is waited for
   */
  constructor(
    private readonly connection: BrokerConnection,
    private readonly confirmWithinMs: number = CONFIRM_WITHIN_MS,
  ) {
    connection.use(this);
  }

  async begin(model: ChannelModel): Promise<void> {
    const channel = await model.createConfirmChannel();
    // The broker closed it alone, as when the exchange was deleted: nobody else would make another one.
    channel.on('error', (error: unknown) => {
      this.connection.restart(error);
    });
    channel.on('close', () => {
      if (this.channel === channel) this.channel = undefined;
      this.returned.clear();
    });
    channel.on('return', ({ properties }) => {
      if (typeof properties.messageId === 'string') this.returned.add(properties.messageId);
    });
    this.channel = channel;
  }

  /**
   * Resolves when the broker has the message on disk.
   *
   * @throws {BrokerUnavailableError} it has not confirmed in time, a second and a half by default; at once while it is away, or
   *   too many messages wait for it. A message that was sent may have arrived all the same.
   */
  async publish(message: OutgoingMessage): Promise<void> {
    const { channel } = this;
    if (channel === undefined || !this.connection.isUsable) {
      throw new BrokerUnavailableError('The broker is away');
    }
    const { length } = message.content;
    if (this.unconfirmed >= MOST_UNCONFIRMED || this.unconfirmedBytes + length > MOST_UNCONFIRMED_BYTES) {
      throw new BrokerUnavailableError('Too many messages wait for the broker');
    }
    this.unconfirmed += 1;
    this.unconfirmedBytes += length;
    const confirmed = this.send(channel, message).finally(() => {
      this.unconfirmed -= 1;
      this.unconfirmedBytes -= length;
    });
    await withinTime(confirmed, this.confirmWithinMs);
  }

  /** Whether the broker takes messages, as far as this process knows. */
  canPublish(): boolean {
    return this.connection.isUsable;
  }

  /**
   * As `publish`, for who has a message in hand that would come again at once if it was given back: waits while the
   * broker is away or short of memory or disk, 12 minutes at most. A message that was sent just before may come twice.
   *
   * @param isOver ends the wait
   * @throws {BrokerUnavailableError} the wait ended; or the broker takes messages, but not this one
   */
  async publishPatiently(message: OutgoingMessage, isOver: AbortSignal): Promise<void> {
    const giveUpAt = performance.now() + HOLD_WITHOUT_BROKER_MS;
    for (;;) {
      try {
        await this.publish(message);
        return;
      } catch (error) {
        // Waiting would hold up the messages of others for the sake of one queue that is full.
        if (this.canPublish()) throw error;
        while (!this.canPublish()) {
          if (isOver.aborted || performance.now() > giveUpAt) throw error;
          // Rejects when aborted.
          await pause(LOOK_EVERY_MS, undefined, { signal: isOver }).catch(() => undefined);
        }
      }
    }
  }

  private async send(
    channel: ConfirmChannel,
    { exchange, routingKey, content, properties, mustBeRouted }: OutgoingMessage,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const options = { ...properties, persistent: true, mandatory: mustBeRouted };
      try {
        channel.publish(exchange, routingKey, content, options, (error: unknown) => {
          if (error === null || error === undefined) resolve();
          else reject(new BrokerUnavailableError('The broker refused the message', { cause: error }));
        });
      } catch (error) {
        // The channel ended a moment ago.
        reject(new BrokerUnavailableError('The broker is away', { cause: error }));
      }
    });
    if (this.returned.delete(properties.messageId)) {
      throw new BrokerUnavailableError('No queue took the message');
    }
  }
}

async function withinTime(confirmed: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new BrokerUnavailableError('The broker did not confirm in time'));
    }, milliseconds);
  });
  try {
    await Promise.race([confirmed, late]);
  } finally {
    clearTimeout(timer);
  }
}
