import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../../src/logging/prediction-log';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { DECISIONS } from '../../src/scoring/policy/decide';
import { BrokerClient } from '../factories/broker-client';
import { QueueingService } from '../factories/queueing-service';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { Service } from '../factories/service';
import { TcpProxy } from '../factories/tcp-proxy';

const EVENTS = 'events-of-the-test';

/** RabbitMQ writes down that there is a new quorum queue within half a second: a kill before loses the queue. */
const QUEUE_IS_KEPT_MS = 3_000;

let broker: RabbitmqServer;
let client: BrokerClient;
beforeAll(async () => {
  broker = await RabbitmqServer.start();
});
afterAll(() => broker.remove());
beforeEach(async () => {
  client = await BrokerClient.connect(broker.url);
});
afterEach(async () => {
  await client.remove(EVENTS);
  await client.close();
});

interface DecisionEvent {
  readonly id: string;
}

/** All decisions in the log of a service, in its order. */
async function logged(service: Service): Promise<DecisionRecord[]> {
  const log = service.app.get<PredictionLogReader>(PREDICTION_LOG_READER, { strict: false });
  const { records } = await log.read({ limit: 10_000 });
  return records.flatMap((record) => ('decision' in record ? [record] : []));
}

/** Events as they come, until each of these decisions was told. */
async function receiveAll(ids: readonly string[]): Promise<DecisionEvent[]> {
  const events: DecisionEvent[] = [];
  const missing = new Set(ids);
  for (const deadline = Date.now() + 30_000; missing.size > 0;) {
    if (Date.now() > deadline) throw new Error(`${missing.size} of ${ids.length} decisions were not told`);
    for (const event of (await client.drain(EVENTS)) as DecisionEvent[]) {
      events.push(event);
      missing.delete(event.id);
    }
    await sleep(20);
  }
  return events;
}

function idsOf(records: readonly { readonly id: string }[]): string[] {
  return records.map(({ id }) => id);
}

/** Ids in the order in which they were told for the first time. */
function firstTold(events: readonly DecisionEvent[]): string[] {
  return [...new Set(idsOf(events))];
}

async function decide(service: Service, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () => service.post('/predict', service.exampleBody()).expect(200)),
  );
}

describe('decision events', () => {
  it('tell every decision once, in the order of the log, with what was decided and without inputs', async () => {
    const { service } = await QueueingService.start(broker.url);
    await client.subscribe(EVENTS, 'decisions', '#');
    const body = { ...service.exampleBody(), clientId: 'client-7' };
    await service.post('/predict', body).expect(200);
    await service.post('/predict', { nonsense: true }).expect(400);
    await decide(service, 40);
    const records = await logged(service);
    const events = await receiveAll(idsOf(records));
    expect(idsOf(events)).toEqual(idsOf(records));
    const first = records.find(({ clientId }) => clientId === 'client-7');
    expect(events.find(({ id }) => id === first?.id)).toEqual({
      id: first?.id,
      at: first?.at,
      clientId: 'client-7',
      decision: first?.decision,
      probability: first?.probability,
      score: first?.score,
      model: { name: first?.model.name, version: first?.model.version },
      policyVersion: first?.policyVersion,
    });
    await service.remove();
  });

  it('reach those who asked for one kind of decision by its name, and nobody who asked for another', async () => {
    const { service } = await QueueingService.start(broker.url);
    const queues = new Map(DECISIONS.map((decision) => [decision, `${EVENTS}-${decision}`]));
    for (const [decision, queue] of queues) await client.subscribe(queue, 'decisions', decision);
    await decide(service, 1);
    const [record] = await logged(service);
    const { properties, content } = await client.take(`${EVENTS}-${record?.decision ?? 'none'}`);
    expect(content).toMatchObject({ id: record?.id });
    expect(properties).toMatchObject({ messageId: record?.id, deliveryMode: 2 });
    for (const queue of queues.values()) {
      expect(await client.count(queue)).toBe(0);
      await client.remove(queue);
    }
    await service.remove();
  });

  it('are tried again ever more seldom while one subscriber refuses them, and reach all when it does no more', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const { service } = await QueueingService.start(broker.url);
    await client.subscribe(EVENTS, 'decisions', '#');
    const full = `${EVENTS}-full`;
    await client.channel.assertQueue(full, {
      durable: true,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    });
    await client.channel.bindQueue(full, 'decisions', '#');
    await decide(service, 3);
    await sleep(10_000);
    // At 0, 1, 3 and 7 seconds, and not with each second.
    const copies = (await client.drain(EVENTS)) as DecisionEvent[];
    expect(copies.length).toBeLessThanOrEqual(3 * 5);
    const told = errors.mock.calls.filter(([line]) => JSON.stringify(line).includes('does not take them'));
    expect(told).toHaveLength(1);
    errors.mockRestore();
    await client.remove(full);
    const ids = idsOf(await logged(service));
    const events = await receiveAll(ids.slice(-1));
    expect(new Set(idsOf([...copies, ...events]))).toEqual(new Set(ids));
    await service.remove();
  });

  it('hold up no stop while the broker is frozen', async () => {
    const proxy = await TcpProxy.to(broker.port);
    const { service } = await QueueingService.start(`amqp://guest:guest@127.0.0.1:${proxy.port}`);
    proxy.freeze();
    await decide(service, 1);
    await sleep(500);
    const began = performance.now();
    await service.remove();
    expect(performance.now() - began).toBeLessThan(5_000);
    await proxy.close();
  });

  it('begin with the first decision after they are switched on, and go on where they stopped', async () => {
    const before = await Service.start();
    await decide(before, 3);
    await before.stop();
    const DATA_DIR = before.dataFolder;
    const { service } = await QueueingService.start(broker.url, { DATA_DIR });
    await client.subscribe(EVENTS, 'decisions', '#');
    await decide(service, 3);
    const records = await logged(service);
    expect(idsOf(await receiveAll(idsOf(records.slice(3))))).toEqual(idsOf(records.slice(3)));
    await service.stop();

    // Without a queue nothing is told, but the log goes on.
    const silent = await Service.start({ DATA_DIR });
    await decide(silent, 3);
    await silent.stop();
    const again = await QueueingService.start(broker.url, { DATA_DIR });
    const all = await logged(again.service);
    expect(idsOf(await receiveAll(idsOf(all.slice(6))))).toEqual(idsOf(all.slice(6)));
    await again.service.remove();
  });

  it('miss none and tell none that is not kept while the broker is killed and restarted under load', async () => {
    const queueing = await QueueingService.start(broker.url);
    const { service } = queueing;
    await client.subscribe(EVENTS, 'decisions', '#');
    await sleep(QUEUE_IS_KEPT_MS);
    const load = new AbortController();
    const loading = (async () => {
      while (!load.signal.aborted) {
        await decide(service, 5);
        await sleep(150);
      }
    })();
    for (const stop of ['kill', 'stop'] as const) {
      await sleep(500);
      await broker[stop]();
      await sleep(300);
      await broker.start();
      await queueing.connected();
    }
    await sleep(300);
    load.abort();
    await loading;
    const records = await logged(service);
    const events = await receiveAll(idsOf(records));
    expect(firstTold(events)).toEqual(idsOf(records));
    expect(records.length).toBeGreaterThan(50);
    await service.remove();
  });
});
