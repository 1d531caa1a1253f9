import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Channel, type ChannelModel } from 'amqplib';
import { BrokerConnection, type BrokerUser } from '../../src/queue/broker/broker-connection';
import { BrokerNews } from '../../src/queue/broker/broker-news';
import { ConfirmedPublisher } from '../../src/queue/broker/confirmed-publisher';
import { MessageConsumer, type Settlement } from '../../src/queue/broker/message-consumer';
import { JOBS_EXCHANGE, JOBS_QUEUE } from '../../src/queue/broker/topology';
import { BrokerClient } from '../factories/broker-client';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';

/** As after a broker that was away. */
const BACK_WITHIN_MS = 5_000;

let broker: RabbitmqServer;
let client: BrokerClient;
let connection: BrokerConnection;
beforeAll(async () => {
  broker = await RabbitmqServer.start();
});
afterAll(() => broker.remove());
beforeEach(async () => {
  client = await BrokerClient.connect(broker.url);
  connection = new BrokerConnection(broker.url, new BrokerNews());
});
afterEach(async () => {
  await connection.close();
  await client.remove(JOBS_QUEUE);
  await client.remove('jobs.dead');
  await client.close();
});

/** Hands over the channels that are made after its own turn, before they are used. */
class ChannelWatch implements BrokerUser {
  channel: Channel | undefined;

  constructor(private readonly prepare: (channel: Channel) => void = () => undefined) {}

  begin(model: ChannelModel): Promise<void> {
    const create = model.createChannel.bind(model);
    model.createChannel = async () => {
      this.channel = await create();
      this.prepare(this.channel);
      return this.channel;
    };
    return Promise.resolve();
  }
}

function publish(publisher: ConfirmedPublisher): Promise<void> {
  return publisher.publish({
    exchange: JOBS_EXCHANGE,
    routingKey: JOBS_QUEUE,
    content: Buffer.from('{}'),
    properties: { messageId: randomUUID() },
    mustBeRouted: true,
  });
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + BACK_WITHIN_MS; Date.now() < deadline;) {
    if (await isSo()) return;
    await sleep(20);
  }
  throw new Error(`Waited in vain for ${what}`);
}

function untilPublished(publisher: ConfirmedPublisher): Promise<void> {
  return until('a confirm', () =>
    publish(publisher).then(
      () => true,
      () => false,
    ),
  );
}

describe('a channel that the broker closes while the connection lives', () => {
  it('is made again for a consumer, which goes on', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const watch = new ChannelWatch();
    connection.use(watch);
    let taken = 0;
    new MessageConsumer(connection, {
      queue: JOBS_QUEUE,
      prefetch: 1,
      handle: () => {
        taken += 1;
        return Promise.resolve<Settlement>('done');
      },
    });
    const publisher = new ConfirmedPublisher(connection);
    connection.open();
    await untilPublished(publisher);
    await until('the first message', () => taken === 1);
    const before = watch.channel;
    // As it does to a consumer that settled nothing for half an hour.
    before?.ack({ fields: { deliveryTag: 99 } } as Parameters<Channel['ack']>[0]);
    await until('a new channel', () => watch.channel !== before);
    await untilPublished(publisher);
    await until('the next message', () => taken === 2);
    expect(errors).toHaveBeenCalledWith(
      expect.objectContaining({ reason: expect.stringContaining('PRECONDITION') as string }),
    );
    errors.mockRestore();
  });

  it('is made again for a publisher, with the exchange that was deleted', async () => {
    const publisher = new ConfirmedPublisher(connection);
    connection.open();
    await untilPublished(publisher);
    await client.channel.deleteExchange(JOBS_EXCHANGE);
    await expect(publish(publisher)).rejects.toThrow();
    await untilPublished(publisher);
  });
});

describe('a consumer with work in hand', () => {
  it('leaves the work to the broker when its connection is being made anew', async () => {
    let finish: ((settlement: Settlement) => void) | undefined;
    const consumer = new MessageConsumer(connection, {
      queue: JOBS_QUEUE,
      prefetch: 1,
      handle: () => new Promise((resolve) => (finish = resolve)),
    });
    const publisher = new ConfirmedPublisher(connection);
    connection.open();
    await untilPublished(publisher);
    await until('the message', () => finish !== undefined);
    const stopped = consumer.stop();
    connection.restart(new Error('of the test'));
    finish?.('done');
    await expect(stopped).resolves.toBeUndefined();
    await until('the message to wait again', async () => (await client.count(JOBS_QUEUE)) === 1);
  });
});

describe('a consumer that is stopped while it is being made', () => {
  it('takes nothing, and uses up none of the deliveries of what waits', async () => {
    const publisher = new ConfirmedPublisher(connection);
    connection.open();
    for (let count = 0; count < 10; count += 1) await untilPublished(publisher);

    const late = new BrokerConnection(broker.url, new BrokerNews());
    let stopped: Promise<void> | undefined;
    let deliveries = 0;
    const watch: ChannelWatch = new ChannelWatch((channel) => {
      const prefetch = channel.prefetch.bind(channel);
      channel.prefetch = async (count) => {
        const answer = await prefetch(count);
        stopped = consumer.stop();
        return answer;
      };
      const consume = channel.consume.bind(channel);
      channel.consume = (queue, take) =>
        consume(queue, (message) => {
          deliveries += 1;
          take(message);
        });
    });
    late.use(watch);
    const consumer: MessageConsumer = new MessageConsumer(late, {
      queue: JOBS_QUEUE,
      prefetch: 10,
      handle: () => Promise.reject(new Error('Nothing is to be taken')),
    });
    late.open();
    await until('the stop', () => stopped !== undefined);
    await stopped;
    // The process lives on while it answers its callers.
    await until('all to wait again', async () => (await client.count(JOBS_QUEUE)) === 10);
    await sleep(500);
    expect(deliveries).toBeLessThanOrEqual(10);
    expect(await client.count(JOBS_QUEUE)).toBe(10);
    expect(await client.count('jobs.dead')).toBe(0);
    await late.close();
  });
});

describe('a broker that is stopped in good order', () => {
  it('is told with its own words', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    connection.open();
    await until('the connection', () => connection.isUsable);
    await broker.stop();
    await until('the loss', () => errors.mock.calls.length > 0);
    expect(errors).toHaveBeenCalledWith(
      expect.objectContaining({ reason: expect.stringContaining('CONNECTION_FORCED') as string }),
    );
    errors.mockRestore();
    await broker.start();
  });
});
