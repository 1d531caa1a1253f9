import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';

/** How long it looks for a message, or for a broker that a test has just restarted. */
const PATIENCE_MS = 20_000;

/** A program of somebody else's at the broker: publishes, takes messages and counts queues. */
export class BrokerClient {
  private constructor(
    private readonly url: string,
    private model: ChannelModel,
    /** Until the broker goes away. */
    public channel: Channel,
  ) {}

  static async connect(url: string): Promise<BrokerClient> {
    const { model, channel } = await open(url);
    return new BrokerClient(url, model, channel);
  }

  /** Messages in a queue that nobody has taken. */
  count(queue: string): Promise<number> {
    return this.insist(async (channel) => (await channel.checkQueue(queue)).messageCount);
  }

  /** The next message of a queue, as JSON; waits for it. */
  async take(queue: string): Promise<{ content: unknown; properties: Record<string, unknown> }> {
    const { content, properties } = await this.takeMessage(queue);
    const parsed: unknown = JSON.parse(content.toString());
    return { content: parsed, properties: { ...properties } };
  }

  /** The bytes of the next message of a queue; waits for it. */
  async takeRaw(queue: string): Promise<Buffer> {
    return (await this.takeMessage(queue)).content;
  }

  /** A durable queue with everything that is published to an exchange from now on. */
  subscribe(queue: string, exchange: string, pattern: string): Promise<void> {
    return this.insist(async (channel) => {
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await channel.bindQueue(queue, exchange, pattern);
    });
  }

  /** Everything that waits in a queue, as JSON, in order; after a fault some of it again. */
  async drain(queue: string): Promise<unknown[]> {
    const contents: unknown[] = [];
    await this.insist(async (channel) => {
      for (;;) {
        const message = await channel.get(queue);
        if (message === false) return;
        contents.push(JSON.parse(message.content.toString()));
        channel.ack(message);
      }
    });
    return contents;
  }

  /** Deletes a queue, if there is one. */
  async remove(queue: string): Promise<void> {
    await this.insist((channel) => channel.deleteQueue(queue));
  }

  async close(): Promise<void> {
    await this.model.close().catch(() => undefined);
  }

  private async takeMessage(queue: string): Promise<GetMessage> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
      const message = await this.channel.get(queue, { noAck: true });
      if (message !== false) return message;
      await sleep(50);
    }
    throw new Error(`Nothing came into ${queue}`);
  }

  /** Tries again with a new connection: a broker that was restarted answers before its queues do. */
  private async insist<T>(act: (channel: Channel) => Promise<T>): Promise<T> {
    for (const deadline = Date.now() + PATIENCE_MS; ;) {
      try {
        return await act(this.channel);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(100);
        await this.close();
        const { model, channel } = await open(this.url);
        this.model = model;
        this.channel = channel;
      }
    }
  }
}

async function open(url: string): Promise<{ model: ChannelModel; channel: Channel }> {
  // Otherwise each message that is taken after another was acknowledged waits 40 ms.
  const model = await connect(url, { noDelay: true });
  // A broker that a test stops takes the connection with it.
  model.on('error', () => undefined);
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  return { model, channel };
}
