import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { BrokerClient } from '../factories/broker-client';
import { CallbackReceiver } from '../factories/callback-receiver';
import { QueueingService } from '../factories/queueing-service';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { TcpProxy } from '../factories/tcp-proxy';

const CALLBACK_SECRET = 'a secret of callbacks';

/** More than are decided before the first of their events is published, which blocks whoever does it. */
const BACKLOG = 2_000;

/** Time for hundreds of deliveries, if a worker gave a message back that it cannot be done with. */
const ALARM_MS = 4_000;

const STOPPED_WITHIN_MS = 5_000;

let broker: RabbitmqServer;
let client: BrokerClient;
let services: QueueingService[];
/** Takes applications, and is stopped before a worker starts on the same files. */
let taker: QueueingService;
let clientId: string;
let replies: string;

beforeAll(async () => {
  broker = await RabbitmqServer.start();
});
afterAll(() => broker.remove());
beforeEach(async () => {
  services = [];
  client = await BrokerClient.connect(broker.url);
  clientId = randomUUID();
  replies = `replies/${clientId}`;
  await client.channel.assertQueue(replies);
  taker = await start();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await broker.endAlarm();
  for (const { service } of services) await service.remove();
  for (const queue of [replies, 'jobs', 'jobs.dead', 'callbacks']) await client.remove(queue);
  await client.close();
});

async function start(
  settings: Readonly<Record<string, string>> = {},
  url = broker.url,
): Promise<QueueingService> {
  const service = await QueueingService.startAway(url, { RATE_LIMIT: 'off', ...settings });
  services.push(service);
  return service;
}

function startWorker(url?: string): Promise<QueueingService> {
  const settings = { ROLES: 'api,worker', CALLBACK_SECRET, CALLBACK_PRIVATE: 'allow' };
  return start({ ...settings, DATA_DIR: taker.service.dataFolder }, url);
}

async function queue(count: number, headers: Readonly<Record<string, string>> = {}): Promise<string[]> {
  await taker.connected();
  const body = { ...taker.service.exampleBody(), clientId };
  return Promise.all(Array.from({ length: count }, () => taker.queue(headers, body)));
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(20);
  }
}

/** Resolves when the broker reads nothing more of what the worker publishes. */
async function untilBlocked({ service }: QueueingService): Promise<void> {
  await until('the worker to be blocked', async () => {
    const { parts } = (await service.get('/health')).body as { parts: { queue: string } };
    return parts.queue === 'away';
  });
}

describe('a broker that is short of memory', () => {
  it('has its backlog decided, although it takes nothing that is published', async () => {
    const jobs = await queue(BACKLOG);
    await taker.service.stop();
    await broker.raiseAlarm();
    const worker = await startWorker();
    // Their events have been published by then, which blocks whoever does it.
    for (const job of jobs) expect(await worker.outcome(job)).toMatchObject({ status: 'done' });
    await untilBlocked(worker);
    await worker.service.stop();
    expect(await client.count('jobs')).toBe(0);
    expect(await client.count('jobs.dead')).toBe(0);
  });

  it('gets the replies of what was decided when it has memory again, and no job comes again meanwhile', async () => {
    const jobs = await queue(5, { 'X-Reply-To': replies });
    await taker.service.stop();
    await broker.raiseAlarm();
    const stopped = await startWorker();
    await untilBlocked(stopped);
    for (const job of jobs) expect(await stopped.outcome(job)).toMatchObject({ status: 'done' });
    await sleep(ALARM_MS);
    expect(await client.count('jobs')).toBe(0);
    const began = performance.now();
    await stopped.service.stop();
    expect(performance.now() - began).toBeLessThan(STOPPED_WITHIN_MS);

    await until('the jobs to wait again', async () => (await client.count('jobs')) === jobs.length);
    const message = await client.channel.get('jobs');
    expect(message).toMatchObject({ properties: { headers: { 'x-delivery-count': 1 } } });
    if (message !== false) client.channel.nack(message);

    const worker = await startWorker();
    await untilBlocked(worker);
    await broker.endAlarm();
    const told = new Set<unknown>();
    while (told.size < jobs.length) told.add((await client.take(replies)).properties['messageId']);
    expect(told).toEqual(new Set(jobs));
    expect(await client.count('jobs.dead')).toBe(0);
    await worker.service.stop();
    expect(await client.count('jobs')).toBe(0);
  });

  it('does not make a callback that failed be tried again at once', async () => {
    await taker.connected();
    const receiver = await CallbackReceiver.start();
    receiver.statuses.push(...Array.from({ length: 100 }, () => 503));
    client.channel.publish('', 'callbacks', Buffer.from('{}'), {
      messageId: randomUUID(),
      headers: { callbackUrl: receiver.url, tries: 0 },
    });
    await until('the callback to wait', async () => (await client.count('callbacks')) === 1);
    await taker.service.stop();
    await broker.raiseAlarm();
    const worker = await startWorker();
    await receiver.receive(1);
    await untilBlocked(worker);
    await sleep(ALARM_MS);
    expect(receiver.received).toHaveLength(1);
    await broker.endAlarm();
    await receiver.receive(2);
    await receiver.close();
  });

  it('is told of in the log once, and when it has memory again', async () => {
    await queue(2, { 'X-Reply-To': replies });
    await taker.service.stop();
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const words = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
    await broker.raiseAlarm();
    const worker = await startWorker();
    await untilBlocked(worker);
    await broker.endAlarm();
    await worker.connected();
    expect(errors.mock.calls).toEqual([
      [{ msg: expect.stringContaining('short of memory or disk') as string, reason: 'low on memory' }],
    ]);
    expect(words.mock.calls.flat()).toContain('the queue takes what is published again');
  });
});

describe('a worker whose broker goes away', () => {
  it('says so once, and once that it is back', async () => {
    await taker.service.stop();
    const proxy = await TcpProxy.to(broker.port);
    const worker = await startWorker(`amqp://guest:guest@127.0.0.1:${proxy.port}`);
    await worker.connected();
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const words = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
    await proxy.cut();
    await until('the loss', () => errors.mock.calls.length > 0);
    await sleep(1_000);
    await proxy.heal();
    await worker.connected();
    expect(errors).toHaveBeenCalledTimes(1);
    const told = words.mock.calls.filter(([word]) => word === 'the queue is back');
    expect(told).toHaveLength(1);
    await worker.service.remove();
    await proxy.close();
  });
});
