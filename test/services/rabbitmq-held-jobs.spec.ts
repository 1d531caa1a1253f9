import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import { type JobOutcome, OLDEST_JOB_MS } from '../../src/queue/jobs/job';
import { JobIds } from '../../src/queue/jobs/job-id';
import { ConfirmedPublisher } from '../../src/queue/broker/confirmed-publisher';
import { BrokerClient } from '../factories/broker-client';
import { problemOf } from '../factories/problem';
import { QueueingService } from '../factories/queueing-service';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { TcpProxy } from '../factories/tcp-proxy';

const SESSION_SECRET = 'what signs the ids of jobs that are held';

/** More than a worker takes at a time, with the one that it has when the database goes away. */
const JOBS = 81;

/** Several tries of the worker, each of which would count as a failure of the job if the worker gave it back. */
const AWAY_MS = 3_000;

/** Longer than a worker holds a job. */
const HELD_TOO_LONG_MS = 61_000;

let broker: RabbitmqServer;
let postgres: PostgresServer;
let client: BrokerClient;
/** Between the worker and PostgreSQL. */
let proxy: TcpProxy;
let directUrl: string;
/** What an operator does in the database. */
let session: Client;
let taker: QueueingService;
let worker: QueueingService;
/** Of one test. */
let clientId: string;
let replies: string;

beforeAll(async () => {
  [broker, postgres] = await Promise.all([RabbitmqServer.start(), PostgresServer.start()]);
  client = await BrokerClient.connect(broker.url);
});
afterAll(async () => {
  await client.close();
  await Promise.all([broker.remove(), postgres.remove()]);
});
beforeEach(async () => {
  directUrl = await postgres.createDatabase();
  proxy = await TcpProxy.to(postgres.port);
  taker = await start('api', directUrl);
  const proxied = new URL(directUrl);
  proxied.port = String(proxy.port);
  worker = await start('worker', proxied.href);
  session = new Client({ connectionString: directUrl });
  // A test that crashes PostgreSQL takes the session with it.
  session.on('error', () => undefined);
  await session.connect();
  clientId = randomUUID();
  replies = `replies/${clientId}`;
  await client.channel.assertQueue(replies);
});
afterEach(async () => {
  await session.end();
  await proxy.heal();
  for (const { service } of [worker, taker]) await service.remove();
  await proxy.close();
  await client.remove(replies);
});

async function start(role: 'api' | 'worker', databaseUrl: string): Promise<QueueingService> {
  return QueueingService.start(broker.url, {
    ROLES: role,
    STORAGE: 'postgres',
    DATABASE_URL: databaseUrl,
    SESSION_SECRET,
  });
}

async function queue(count: number): Promise<string[]> {
  const body = { ...taker.service.exampleBody(), clientId };
  return Promise.all(Array.from({ length: count }, () => taker.queue({ 'X-Reply-To': replies }, body)));
}

/** Outcomes in the order in which the worker let go of the jobs. */
async function receive(count: number): Promise<JobOutcome[]> {
  const outcomes: JobOutcome[] = [];
  while (outcomes.length < count) outcomes.push((await client.take(replies)).content as JobOutcome);
  return outcomes;
}

/** Waits until the broker has handed out every job. */
async function untilTaken(): Promise<void> {
  await until('the jobs to be taken', async () => (await client.count('jobs')) === 0);
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(10);
  }
}

/** Queues a job, and resolves when its worker waits for the database in the middle of keeping the decision. */
async function queueOneThatIsBeingKept(): Promise<string> {
  await session.query('BEGIN');
  await session.query('SELECT * FROM log_head FOR UPDATE');
  const [jobId] = await queue(1);
  await until('the worker to keep its decision', async () => {
    const { rowCount } = await session.query('SELECT FROM pg_locks WHERE NOT granted');
    return rowCount !== null && rowCount > 0;
  });
  return jobId ?? '';
}

/** Nothing of it waits at the broker, also not with the worker once that is gone. */
async function expectNothingLeft(): Promise<void> {
  await worker.service.stop();
  expect(await client.count('jobs')).toBe(0);
  expect(await client.count('jobs.dead')).toBe(0);
  expect(await client.count(replies)).toBe(0);
}

interface Fault {
  readonly fault: string;
  readonly leave: () => Promise<void> | void;
  readonly comeBack: () => Promise<void>;
}

const FAULTS: readonly Fault[] = [
  { fault: 'is cut off', leave: () => proxy.cut(), comeBack: () => proxy.heal() },
  {
    fault: 'answers no more',
    leave: () => {
      proxy.freeze();
    },
    comeBack: () => proxy.heal(),
  },
  { fault: 'crashes', leave: () => postgres.stop('immediate'), comeBack: () => postgres.start() },
];

describe('jobs whose worker loses PostgreSQL', () => {
  it.each(FAULTS)(
    'are held, and each is decided once when it is back: it $fault',
    async ({ leave, comeBack }) => {
      await queueOneThatIsBeingKept();
      await leave();
      // Gone with its session after a crash.
      await session.query('ROLLBACK').catch(() => undefined);
      await queue(JOBS - 1);
      await sleep(AWAY_MS);
      expect(await client.count('jobs.dead')).toBe(0);
      expect(await client.count(replies)).toBe(0);
      await comeBack();
      const outcomes = await receive(JOBS);
      expect(new Set(outcomes.map(({ jobId }) => jobId)).size).toBe(JOBS);
      expect(outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
      expect(await taker.decisionsAbout(clientId)).toBe(JOBS);
      await expectNothingLeft();
    },
  );

  it('are not decided again when the record was kept and only the answer was lost', async () => {
    const jobId = await queueOneThatIsBeingKept();
    proxy.freeze();
    await session.query('ROLLBACK');
    await until('the record', async () => (await taker.decisionsAbout(clientId)) === 1);
    const kept = await taker.outcome(jobId);
    await proxy.cut();
    await sleep(500);
    expect(await client.count(replies)).toBe(0);
    await proxy.heal();
    expect(await receive(1)).toEqual([kept]);
    expect(await taker.decisionsAbout(clientId)).toBe(1);
    await expectNothingLeft();
  });

  it('are given to another worker at once when theirs is stopped meanwhile', async () => {
    await proxy.cut();
    await queue(5);
    await untilTaken();
    const stopped = worker;
    worker = await start('worker', directUrl);
    expect(await client.count(replies)).toBe(0);
    await stopped.service.remove();
    const outcomes = await receive(5);
    expect(outcomes.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(await taker.decisionsAbout(clientId)).toBe(5);
    await expectNothingLeft();
  });

  it('go to the end of the queue as new messages after a minute, and are decided once all the same', async () => {
    await client.subscribe('copies', 'jobs', 'jobs');
    await proxy.cut();
    const [jobId] = await queue(1);
    await untilTaken();
    const first = await client.take('copies');
    await sleep(500);
    expect(await client.count('copies')).toBe(0);
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + HELD_TOO_LONG_MS);
    try {
      const second = await client.take('copies');
      expect(second.content).toEqual(first.content);
      for (const { properties } of [first, second]) {
        expect(properties).toMatchObject({ messageId: jobId, replyTo: replies });
      }
      await proxy.heal();
      expect(await receive(1)).toMatchObject([{ jobId, status: 'done' }]);
      expect(await taker.decisionsAbout(clientId)).toBe(1);
      await expectNothingLeft();
    } finally {
      clock.mockRestore();
      await client.remove('copies');
    }
  });

  it('stay where they are while the broker takes nothing back, and are decided during its alarm', async () => {
    await proxy.cut();
    const jobId = await taker.queue({}, { ...taker.service.exampleBody(), clientId });
    await untilTaken();
    await broker.raiseAlarm();
    let aheadMs = HELD_TOO_LONG_MS;
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
    const publish = jest.spyOn(ConfirmedPublisher.prototype, 'publish');
    try {
      await until('the worker to learn that it cannot put the job back', async () => {
        const { parts } = (await worker.service.get('/health')).body as { parts: { queue: string } };
        return parts.queue === 'away';
      });
      await until('the job to be held again', async () => (await client.count('jobs')) === 0);
      await sleep(AWAY_MS);
      const tries = publish.mock.calls.length;
      aheadMs += HELD_TOO_LONG_MS;
      await sleep(AWAY_MS);
      expect(publish).toHaveBeenCalledTimes(tries);
      await proxy.heal();
      expect(await taker.outcome(jobId)).toMatchObject({ status: 'done' });
      expect(await taker.decisionsAbout(clientId)).toBe(1);
      await expectNothingLeft();
    } finally {
      clock.mockRestore();
      publish.mockRestore();
      await broker.endAlarm();
    }
  });

  it('fail when they are older than 12 hours by then, with a record and a dead letter', async () => {
    const ageMs = OLDEST_JOB_MS - AWAY_MS / 2;
    const jobId = new JobIds(SESSION_SECRET, () => Date.now() - ageMs).issue({ caller: 'anonymous' });
    await proxy.cut();
    client.channel.publish(
      'jobs',
      'jobs',
      Buffer.from(JSON.stringify({ ...taker.service.exampleBody(), clientId })),
      { messageId: jobId, replyTo: replies, headers: { caller: 'anonymous', requestId: 'held-too-long' } },
    );
    await sleep(AWAY_MS);
    expect(await taker.state(jobId)).toEqual({ jobId, status: 'queued' });
    expect(await client.count('jobs.dead')).toBe(0);
    await proxy.heal();
    const [outcome] = await receive(1);
    expect(outcome).toMatchObject({ jobId, status: 'failed', problem: { status: 500 } });
    expect(await taker.state(jobId)).toEqual(outcome);
    expect((await client.take('jobs.dead')).properties).toMatchObject({ messageId: jobId });
    expect(await taker.decisionsAbout(clientId)).toBe(0);
    expect(await countRefusals('held-too-long')).toBe(1);
    await expectNothingLeft();
  });
});

describe('a job that fails while its failure cannot be kept', () => {
  it('is held, and its caller gets 503; then it fails once, with one record', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error');
    const jobId = new JobIds(SESSION_SECRET, Date.now).issue({ caller: 'anonymous' });
    await session.query('BEGIN');
    await session.query('LOCK TABLE failed_jobs');
    client.channel.publish('jobs', 'jobs', Buffer.from('{"unheardOf":1}'), {
      messageId: jobId,
      replyTo: replies,
      headers: { caller: 'anonymous', requestId: 'not-kept' },
    });
    await untilTaken();
    expect(problemOf(await taker.service.get(`/predict/async/${jobId}`))).toMatchObject({
      status: 503,
      type: 'urn:credit-scoring:problem:records-unavailable',
    });
    // The worker's time for its question is over by now.
    await sleep(AWAY_MS);
    expect(await client.count('jobs.dead')).toBe(0);
    await session.query('ROLLBACK');
    const outcomes = await receive(1);
    expect(outcomes).toMatchObject([{ jobId, status: 'failed', problem: { status: 400 } }]);
    expect((await client.take('jobs.dead')).properties).toMatchObject({ messageId: jobId });
    // Whatever is given back is told as an error, and counts as a failure of the job.
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
    expect(await countRefusals('not-kept')).toBe(1);
    await expectNothingLeft();
  });
});

async function countRefusals(requestId: string): Promise<number> {
  const { rowCount } = await session.query(
    `SELECT FROM prediction_records WHERE kind = 'refusal' AND record->>'requestId' = $1`,
    [requestId],
  );
  return rowCount ?? 0;
}
