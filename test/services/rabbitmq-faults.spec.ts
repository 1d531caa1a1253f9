import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Response } from 'supertest';
import { BrokerClient } from '../factories/broker-client';
import { problemOf } from '../factories/problem';
import { QueueingService } from '../factories/queueing-service';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { TcpProxy } from '../factories/tcp-proxy';

/** What is promised to callers of a service whose broker is away. */
const ANSWERED_WITHIN_MS = 2_000;
/** And how soon it takes applications again. */
const BACK_WITHIN_MS = 5_000;

let broker: RabbitmqServer;
let proxy: TcpProxy;
beforeAll(async () => {
  broker = await RabbitmqServer.start();
});
afterAll(() => broker.remove());
beforeEach(async () => {
  proxy = await TcpProxy.to(broker.port);
});
afterEach(() => proxy.close());

function proxied(): string {
  return `amqp://guest:guest@127.0.0.1:${proxy.port}`;
}

async function timed(ask: () => Promise<Response>): Promise<{ answer: Response; tookMs: number }> {
  const began = performance.now();
  const answer = await ask();
  return { answer, tookMs: performance.now() - began };
}

async function expectAway(queueing: QueueingService): Promise<void> {
  const { answer, tookMs } = await timed(() => queueing.post());
  expect(problemOf(answer)).toMatchObject({
    status: 503,
    type: 'urn:credit-scoring:problem:queue-unavailable',
  });
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(ANSWERED_WITHIN_MS);
}

/** Milliseconds until an application is taken. */
async function timeUntilTaken(queueing: QueueingService): Promise<number> {
  const began = performance.now();
  while ((await queueing.post()).status !== 202) await sleep(50);
  return performance.now() - began;
}

describe('a broker that is away', () => {
  it('stops no start and no direct decision, gives 503 soon, and is worked with as soon as it is there', async () => {
    await proxy.cut();
    const queueing = await QueueingService.startAway(proxied());
    const { service } = queueing;
    await expectAway(queueing);
    expect((await service.get('/health').expect(200)).body).toMatchObject({ parts: { queue: 'away' } });
    await service.post('/predict', service.exampleBody()).expect(200);
    await proxy.heal();
    expect(await timeUntilTaken(queueing)).toBeLessThan(BACK_WITHIN_MS);
    await service.remove();
  });

  it.each([
    { fault: 'cuts its connections', make: (): Promise<void> => proxy.cut() },
    {
      fault: 'passes nothing any more',
      make: (): Promise<void> => {
        proxy.freeze();
        return Promise.resolve();
      },
    },
  ])('gives 503 within two seconds and is back within five: $fault', async ({ make }) => {
    const queueing = await QueueingService.start(proxied());
    await queueing.queue();
    await make();
    await Promise.all(Array.from({ length: 20 }, () => expectAway(queueing)));
    await proxy.heal();
    expect(await timeUntilTaken(queueing)).toBeLessThan(BACK_WITHIN_MS);
    await queueing.service.remove();
  });
});

describe('a confirm that is lost', () => {
  it('does not lead to a second decision when the application is sent again with its key', async () => {
    const queueing = await QueueingService.start(proxied(), { ROLES: 'api,worker' });
    const clientId = randomUUID();
    const body = { ...queueing.service.exampleBody(), clientId };
    const headers = { 'Idempotency-Key': randomUUID() };
    proxy.freeze();
    expect((await queueing.post(headers, body)).status).toBe(503);
    // What was on its way arrives now, although the caller was told that nobody may decide.
    await proxy.heal();
    const jobId = await queueing.queue(headers, body);
    expect(await queueing.outcome(jobId)).toMatchObject({ status: 'done' });
    await sleep(300);
    expect(await queueing.decisionsAbout(clientId)).toBe(1);
    await queueing.service.remove();
  });
});

describe('jobs that wait', () => {
  it.each(['stop', 'kill'] as const)(
    'outlive a broker that a %s takes down, and are all decided',
    async (end) => {
      const taker = await QueueingService.start(broker.url);
      const clientId = randomUUID();
      const body = { ...taker.service.exampleBody(), clientId };
      await Promise.all(Array.from({ length: 50 }, () => taker.queue({}, body)));
      await taker.service.stop();
      await broker[end]();
      await broker.start();
      const worker = await QueueingService.start(broker.url, {
        ROLES: 'api,worker',
        DATA_DIR: taker.service.dataFolder,
      });
      for (let looks = 0; looks < 200 && (await worker.decisionsAbout(clientId)) < 50; looks++)
        await sleep(50);
      expect(await worker.decisionsAbout(clientId)).toBe(50);
      await worker.service.remove();
    },
  );
});

describe('a job that brings down whoever takes it', () => {
  it('is given up after twenty deliveries: dead letters, a refusal, and `failed` for its caller', async () => {
    const taker = await QueueingService.start(broker.url);
    const jobId = await taker.queue();
    const client = await BrokerClient.connect(broker.url);
    for (let deliveries = 0; deliveries < 20;) {
      const message = await client.channel.get('jobs');
      if (message === false) continue;
      client.channel.nack(message);
      deliveries += 1;
    }
    expect(await taker.state(jobId)).toEqual({ jobId, status: 'queued' });
    await taker.service.stop();
    const worker = await QueueingService.start(broker.url, {
      ROLES: 'api,worker',
      DATA_DIR: taker.service.dataFolder,
    });
    expect(await worker.outcome(jobId)).toMatchObject({
      status: 'failed',
      problem: { status: 500, type: 'urn:credit-scoring:problem:job-failed' },
    });
    expect((await client.take('jobs.dead')).properties).toMatchObject({ messageId: jobId });
    expect(await worker.outcome(await worker.queue())).toMatchObject({ status: 'done' });
    await client.close();
    await worker.service.remove();
  });
});
