import { setMaxListeners } from 'node:events';
import { type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { type BrokerConnection, type BrokerUser } from './broker-connection';
import { BrokerUnavailableError } from './broker-unavailable-error';

/** What becomes of a message: `done` with it; `again`, by anybody; `given-up`, to the dead letters. */
export type Settlement = 'done' | 'again' | 'given-up';

/** What to consume, and how. */
export interface Consumption {
  readonly queue: string;
  /** Messages at work at a time; the broker keeps all others. */
  readonly prefetch: number;
  /**
   * Must not reject. What was done may come again: a confirmation can be lost.
   *
   * @param isOver aborted when the consumer stops, or the broker gives the message to somebody else: no use to wait
   */
  readonly handle: (message: ConsumeMessage, isOver: AbortSignal) => Promise<Settlement>;
}

/** Takes messages from a queue, and tells the broker of each what became of it. */
export class MessageConsumer implements BrokerUser {
  private readonly atWork = new Set<Promise<void>>();
  private channel: Channel | undefined;
  /** For what was taken from the channel. */
  private over = new AbortController();
  private consumerTag: string | undefined;
  private stopped = false;

  /** Before the connection is opened. */
  constructor(
    private readonly connection: BrokerConnection,
    private readonly consumption: Consumption,
  ) {
    connection.use(this);
  }

  async begin(model: ChannelModel): Promise<void> {
    if (this.stopped) return;
    const channel = await model.createChannel();
    // The broker closed it alone, as when nothing was settled for long: nobody else would make another one.
    channel.on('error', (error: unknown) => {
      this.connection.restart(error);
    });
    const over = new AbortController();
    // Every message at work may listen.
    setMaxListeners(0, over.signal);
    channel.on('close', () => {
      over.abort();
      if (this.channel === channel) this.channel = undefined;
    });
    this.channel = channel;
    this.over = over;
    this.consumerTag = undefined;
    const { queue, prefetch } = this.consumption;
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      // The queue was deleted: it is declared again with a new connection.
      if (message === null)
        this.connection.restart(new BrokerUnavailableError(`the queue ${queue} was deleted`));
      else this.take(channel, message, over.signal);
    });
    this.consumerTag = consumerTag;
    // What came although it was stopped meanwhile goes back with the channel.
    if (this.isStopped()) await channel.close();
  }

  /** Takes no more, and resolves when what was taken is settled. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.over.abort();
    const { channel, consumerTag } = this;
    const isMade = channel !== undefined && consumerTag !== undefined;
    if (isMade) channel.cancel(consumerTag).catch(ignore);
    while (this.atWork.size > 0) await Promise.all(this.atWork);
    // Not waited for, as the broker may be frozen.
    if (isMade) channel.close().catch(ignore);
  }

  /** It may have been stopped while something was awaited. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private take(channel: Channel, message: ConsumeMessage, isOver: AbortSignal): void {
    // On its way while the consumer was made or cancelled: it goes back with the channel. Refused by itself it would
    // come again at once, until the broker gives it up.
    if (this.stopped) return;
    const work = this.consumption.handle(message, isOver).then((settlement) => {
      // On a channel that is gone it is delivered again, and on one that is about to close, which takes nothing more.
      if (this.channel !== channel) return;
      try {
        settle(channel, message, settlement);
      } catch (error) {
        this.connection.restart(error);
      }
    });
    this.atWork.add(work);
    void work.finally(() => this.atWork.delete(work));
  }
}

function settle(channel: Channel, message: ConsumeMessage, settlement: Settlement): void {
  switch (settlement) {
    case 'done':
      channel.ack(message);
      return;
    case 'again':
      channel.nack(message, false, true);
      return;
    case 'given-up':
      channel.nack(message, false, false);
      return;
  }
}

function ignore(): void {
  // The channel's end is what counts.
}
