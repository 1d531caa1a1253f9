import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Response } from 'supertest';
import { signWebhook } from '../../src/common/webhook/sign-webhook';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../../src/logging/prediction-log';
import { type JobOutcome, OLDEST_JOB_MS } from '../../src/queue/jobs/job';
import { JobIds } from '../../src/queue/jobs/job-id';
import { GuardedService } from '../factories/access';
import { BrokerClient } from '../factories/broker-client';
import { CallbackReceiver } from '../factories/callback-receiver';
import { problemOf } from '../factories/problem';
import { QueueingService } from '../factories/queueing-service';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';

const CALLBACK_SECRET = 'a secret of callbacks';
const SESSION_SECRET = 'a secret of sessions, which also signs the ids of jobs';

let broker: RabbitmqServer;
let client: BrokerClient;
let queueing: QueueingService;
beforeAll(async () => {
  broker = await RabbitmqServer.start();
  client = await BrokerClient.connect(broker.url);
  queueing = await QueueingService.start(broker.url, {
    ROLES: 'api,worker',
    SESSION_SECRET,
    CALLBACK_SECRET,
    CALLBACK_PRIVATE: 'allow',
  });
});
afterAll(async () => {
  await queueing.service.remove();
  await client.close();
  await broker.remove();
});

describe('a queued application', () => {
  it('is answered with its place, decided as POST /predict would, and kept as a record', async () => {
    const answer = await queueing.post({ 'X-Request-Id': 'the-request' });
    expect(answer.status).toBe(202);
    const { jobId } = answer.body as { jobId: string };
    expect(answer.body).toEqual({ jobId, status: 'queued', location: `/predict/async/${jobId}` });
    expect(answer.headers['location']).toBe(`/predict/async/${jobId}`);

    const state = await queueing.outcome(jobId);
    if (state.status !== 'done') throw new Error('Expected a decision');
    const direct = await queueing.service.post('/predict', queueing.service.exampleBody()).expect(200);
    expect(state.prediction.probability).toBe((direct.body as { probability: number }).probability);
    const record = await queueing.service.get(`/predictions/${state.prediction.id}`).expect(200);
    expect(record.body).toMatchObject({ requestId: 'the-request', caller: 'anonymous' });
  });

  it.each([
    { status: 400, body: '{"creditLimit":', type: 'application/json', why: 'a body that is cut' },
    { status: 400, body: '{"unheardOf":1}', type: 'application/json', why: 'fields that are wrong' },
    { status: 415, body: 'creditLimit=1', type: 'application/x-www-form-urlencoded', why: 'a form' },
    { status: 413, body: JSON.stringify('x'.repeat(65_536)), type: 'application/json', why: 'a huge body' },
  ])('is refused with $status as by POST /predict: $why', async ({ status, body, type }) => {
    const send = async (path: string): Promise<unknown> => {
      const answer = await queueing.service.post(path, body).set('Content-Type', type);
      const { requestId: _own, ...problem } = problemOf(answer);
      return problem;
    };
    const problem = await send('/predict/async');
    expect(problem).toMatchObject({ status });
    expect(problem).toEqual(await send('/predict'));
  });

  it('stands with an Idempotency-Key for one job, and with another application for another', async () => {
    const clientId = randomUUID();
    const body = { ...queueing.service.exampleBody(), clientId };
    const headers = { 'Idempotency-Key': randomUUID() };
    const ids = [await queueing.queue(headers, body), await queueing.queue(headers, body)];
    const outcomes = await Promise.all(ids.map((id) => queueing.outcome(id)));
    const predictions = outcomes.map((outcome) => ('prediction' in outcome ? outcome.prediction : undefined));
    expect(predictions[0]?.id).toBeDefined();
    expect(predictions[1]).toEqual(predictions[0]);
    expect(await queueing.decisionsAbout(clientId)).toBe(1);

    const other = await queueing.outcome(await queueing.queue(headers, queueing.service.exampleBody()));
    if (other.status !== 'done') throw new Error('Expected a decision');
    expect(other.prediction.id).not.toBe(predictions[0]?.id);
    expect(other.prediction.clientId).toBeUndefined();
  });

  it('is decided once when the broker delivers it twice', async () => {
    const clientId = randomUUID();
    await client.subscribe('copies', 'jobs', 'jobs');
    const jobId = await queueing.queue({}, { ...queueing.service.exampleBody(), clientId });
    const copy = await client.channel.get('copies', { noAck: true });
    if (copy === false) throw new Error('The copy is missing');
    await client.channel.assertQueue('copies-done');
    const { headers, messageId } = copy.properties as { headers: object; messageId: string };
    for (let times = 0; times < 5; times++) {
      client.channel.publish('jobs', 'jobs', copy.content, { headers, messageId, replyTo: 'copies-done' });
    }
    for (let times = 0; times < 5; times++) {
      expect((await client.take('copies-done')).content).toEqual(await queueing.outcome(jobId));
    }
    expect(await queueing.decisionsAbout(clientId)).toBe(1);
    await client.channel.deleteQueue('copies');
  });
});

describe('the outcome of a job', () => {
  it('is found by nobody under an id that was not given out', async () => {
    const jobId = await queueing.queue();
    const forged = `${jobId.slice(0, 30)}${jobId[30] === 'A' ? 'B' : 'A'}${jobId.slice(31)}`;
    for (const id of [forged, 'x', `${jobId}A`, jobId.slice(1)]) {
      expect(problemOf(await queueing.service.get(`/predict/async/${id}`)).status).toBe(404);
    }
  });

  it('is published to the reply queue that the caller named', async () => {
    await client.channel.assertQueue('replies/desk-1', { durable: true });
    const jobId = await queueing.queue({ 'X-Reply-To': 'replies/desk-1' });
    const { content, properties } = await client.take('replies/desk-1');
    expect(properties).toMatchObject({ correlationId: jobId, contentType: 'application/json' });
    expect(content).toEqual(await queueing.outcome(jobId));
  });

  it('is kept although nobody declared its reply queue', async () => {
    const jobId = await queueing.queue({ 'X-Reply-To': 'replies/nowhere' });
    expect(await queueing.outcome(jobId)).toMatchObject({ status: 'done' });
  });

  it('is sent to the callback, signed, and again with the same body when the receiver failed', async () => {
    const receiver = await CallbackReceiver.start();
    receiver.statuses.push(503);
    const jobId = await queueing.queue({ 'X-Callback-URL': receiver.url });
    const [first, second] = await receiver.receive(2);
    if (first === undefined || second === undefined) throw new Error('Two were expected');
    for (const { headers, body } of [first, second]) {
      const timestamp = String(headers['x-signature-timestamp']);
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      expect(headers['x-signature-256']).toBe(signWebhook(CALLBACK_SECRET, timestamp, body));
      expect(headers['idempotency-key']).toBe(jobId);
    }
    expect(second.body).toEqual(first.body);
    expect(JSON.parse(first.body.toString())).toEqual(await queueing.outcome(jobId));
    await receiver.close();
  });

  it('goes to the dead letters when the receiver refuses the callback, and it is told why', async () => {
    const warnings = jest.spyOn(Logger.prototype, 'warn');
    const receiver = await CallbackReceiver.start();
    receiver.statuses.push(410);
    const jobId = await queueing.queue({ 'X-Callback-URL': receiver.url });
    expect((await client.take('callbacks.dead')).properties).toMatchObject({ messageId: jobId });
    expect(receiver.received).toHaveLength(1);
    expect(warnings).toHaveBeenCalledWith(expect.objectContaining({ jobId, tries: 1, reason: 410 }));
    warnings.mockRestore();
    await receiver.close();
  });
});

describe('a header that says where the outcome goes', () => {
  it.each([
    { headers: { 'X-Reply-To': 'jobs' }, field: 'X-Reply-To', why: 'a queue that means something else' },
    { headers: { 'X-Reply-To': 'replies/a/b' }, field: 'X-Reply-To', why: "another tenant's queue" },
    { headers: { 'X-Callback-URL': 'ftp://example.org' }, field: 'X-Callback-URL', why: 'another protocol' },
    { headers: { 'X-Callback-URL': 'nonsense' }, field: 'X-Callback-URL', why: 'no address' },
    { headers: { 'X-Callback-URL': 'http://a:b@example.org' }, field: 'X-Callback-URL', why: 'a password' },
    { headers: { 'X-Callback-URL': 'http://a/, http://b/' }, field: 'X-Callback-URL', why: 'two addresses' },
  ])('is refused by its name, never repeated: $why', async ({ headers, field }) => {
    const answer = await queueing.post({ ...headers });
    expect(problemOf(answer)).toMatchObject({ status: 400, errors: [{ field, code: 'wrong_format' }] });
    for (const value of Object.values(headers)) expect(answer.text).not.toContain(`"${value}"`);
  });
});

describe('a message that is no job', () => {
  it('goes to the dead letters, and the next job is decided', async () => {
    client.channel.publish('jobs', 'jobs', Buffer.from('"hello"'), { messageId: 'hello' });
    expect(await client.take('jobs.dead')).toMatchObject({ content: 'hello' });
    expect(await queueing.outcome(await queueing.queue())).toMatchObject({ status: 'done' });
  });

  it("that has a job's id fails the job, with a refusal in the log and the reason for its caller", async () => {
    const { service } = queueing;
    await client.channel.assertQueue('replies/damaged');
    const jobId = new JobIds(SESSION_SECRET, Date.now).issue({ caller: 'anonymous' });
    client.channel.publish('jobs', 'jobs', Buffer.from('[1,'), {
      messageId: jobId,
      headers: { caller: 'anonymous', requestId: 'damaged' },
      replyTo: 'replies/damaged',
    });
    const state = await queueing.outcome(jobId);
    expect(state).toMatchObject({
      jobId,
      status: 'failed',
      problem: { status: 400, type: 'urn:credit-scoring:problem:malformed-body' },
    });
    expect((await client.take('replies/damaged')).content).toEqual(state);
    expect((await client.takeRaw('jobs.dead')).toString()).toBe('[1,');
    const log = service.app.get<PredictionLogReader>(PREDICTION_LOG_READER, { strict: false });
    const { records } = await log.read({ order: 'newest-first', limit: 1 });
    expect(records[0]).toMatchObject({ status: 400, requestId: 'damaged', caller: 'anonymous' });
    expect((await service.get('/metrics')).text).toContain('credit_scoring_jobs_total{event="failed"} 1');
  });
});

describe('a job with a field that the service does not know', () => {
  it('leaves a refusal without the name of the field', async () => {
    const { service } = queueing;
    const jobId = new JobIds(SESSION_SECRET, Date.now).issue({ caller: 'anonymous' });
    const body = { ...service.exampleBody(), 'invented-by-the-caller': 1 };
    client.channel.publish('jobs', 'jobs', Buffer.from(JSON.stringify(body)), {
      messageId: jobId,
      headers: { caller: 'anonymous', requestId: 'invented' },
    });
    expect(await queueing.outcome(jobId)).toMatchObject({
      status: 'failed',
      problem: { errors: [{ field: 'invented-by-the-caller', code: 'unknown_field' }] },
    });
    await client.take('jobs.dead');
    const log = service.app.get<PredictionLogReader>(PREDICTION_LOG_READER, { strict: false });
    const { records } = await log.read({ order: 'newest-first', limit: 1 });
    expect(records[0]).toMatchObject({
      requestId: 'invented',
      problem: { errors: [{ field: '', code: 'unknown_field' }] },
    });
    expect(JSON.stringify(records)).not.toContain('invented-by');
  });
});

describe('a job that is queued again under the key of one that failed', () => {
  it('is queued, not failed, and becomes a decision or a failure with a record of its own', async () => {
    const { service } = queueing;
    const issue = (age: number): string =>
      new JobIds(SESSION_SECRET, () => Date.now() - age).issue({ caller: 'anonymous' }, 'the same');
    const fail = (jobId: string): void => {
      client.channel.publish('jobs', 'jobs', Buffer.from('{"unheardOf":1}'), {
        messageId: jobId,
        headers: { caller: 'anonymous', requestId: 'again' },
      });
    };
    const [first, second] = [issue(1_000), issue(0)];
    fail(first);
    expect(await queueing.outcome(first)).toMatchObject({ status: 'failed' });
    expect(await queueing.state(second)).toEqual({ jobId: second, status: 'queued' });
    fail(second);
    expect(await queueing.outcome(second)).toMatchObject({ jobId: second, status: 'failed' });
    await client.take('jobs.dead');
    await client.take('jobs.dead');
    const log = service.app.get<PredictionLogReader>(PREDICTION_LOG_READER, { strict: false });
    const { records } = await log.read({ order: 'newest-first', limit: 2 });
    expect(records).toMatchObject([{ requestId: 'again' }, { requestId: 'again' }]);
  });
});

describe('a job that has waited in the queue', () => {
  /** Publishes what a caller queued some time ago, and gives its id; the same name stands for the same job. */
  function publishAged(ageMs: number, clientId: string, name: string): string {
    const jobId = new JobIds(SESSION_SECRET, () => Date.now() - ageMs).issue({ caller: 'anonymous' }, name);
    const content = Buffer.from(JSON.stringify({ ...queueing.service.exampleBody(), clientId }));
    client.channel.publish('jobs', 'jobs', content, {
      messageId: jobId,
      replyTo: 'replies/aged',
      headers: { caller: 'anonymous', requestId: name },
    });
    return jobId;
  }
  beforeEach(() => client.channel.assertQueue('replies/aged'));
  afterEach(() => client.remove('replies/aged'));

  it('is decided when it is nearly 12 hours old', async () => {
    const clientId = randomUUID();
    const jobId = publishAged(OLDEST_JOB_MS - 60_000, clientId, clientId);
    expect((await client.take('replies/aged')).content).toMatchObject({ jobId, status: 'done' });
    expect(await queueing.decisionsAbout(clientId)).toBe(1);
  });

  it.each([
    { ageMs: OLDEST_JOB_MS + 1, age: 'more than 12 hours' },
    { ageMs: 25 * 3_600_000, age: 'more than outcomes are kept' },
  ])('is given up with a record and a dead letter when it is $age old', async ({ ageMs }) => {
    const clientId = randomUUID();
    const jobId = publishAged(ageMs, clientId, clientId);
    const { content } = await client.take('replies/aged');
    expect(content).toMatchObject({
      jobId,
      status: 'failed',
      problem: { status: 500, type: 'urn:credit-scoring:problem:job-failed' },
    });
    expect(await queueing.state(jobId)).toEqual(content);
    expect((await client.take('jobs.dead')).properties).toMatchObject({ messageId: jobId });
    expect(await queueing.decisionsAbout(clientId)).toBe(0);
    const log = queueing.service.app.get<PredictionLogReader>(PREDICTION_LOG_READER, { strict: false });
    const { records } = await log.read({ order: 'newest-first', limit: 1 });
    expect(records[0]).toMatchObject({ status: 500, requestId: clientId, caller: 'anonymous' });
  });

  it('keeps the decision that it had when it comes again too late', async () => {
    const clientId = randomUUID();
    publishAged(0, clientId, clientId);
    const first = (await client.take('replies/aged')).content as JobOutcome;
    const jobId = publishAged(OLDEST_JOB_MS + 1, clientId, clientId);
    expect((await client.take('replies/aged')).content).toEqual({ ...first, jobId });
    expect(first.status).toBe('done');
    expect(await client.count('jobs.dead')).toBe(0);
    expect(await queueing.decisionsAbout(clientId)).toBe(1);
  });
});

describe('where callbacks are not set up', () => {
  let plain: QueueingService;
  beforeAll(async () => {
    plain = await QueueingService.start(broker.url);
  });
  afterAll(() => plain.service.remove());

  it('they are refused, as nobody could check their signature', async () => {
    const answer = await plain.post({ 'X-Callback-URL': 'https://example.org/' });
    expect(problemOf(answer)).toMatchObject({
      status: 400,
      errors: [{ field: 'X-Callback-URL', code: 'unsupported' }],
    });
  });
});

describe('callbacks to addresses that are not public', () => {
  let strict: QueueingService;
  beforeAll(async () => {
    strict = await QueueingService.start(broker.url, { CALLBACK_SECRET });
  });
  afterAll(() => strict.service.remove());

  it.each(['http://127.0.0.1/', 'http://[::1]:8000/', 'https://169.254.169.254/latest', 'http://10.1.2.3/'])(
    'are refused when they are queued: %s',
    async (url) => {
      const answer = await strict.post({ 'X-Callback-URL': url });
      expect(problemOf(answer)).toMatchObject({
        status: 400,
        errors: [{ field: 'X-Callback-URL', code: 'not_public' }],
      });
    },
  );
});

describe('jobs of several callers', () => {
  it('are found by the caller that queued them, and by nobody else', async () => {
    const guarded = await GuardedService.start({
      QUEUE: 'rabbitmq',
      RABBITMQ_URL: broker.url,
      ROLES: 'api,worker',
    });
    const key = await guarded.key({ name: 'desk', tenant: 'bank' });
    const others = [
      await guarded.key({ name: 'other-desk', tenant: 'bank' }),
      await guarded.key({ name: 'desk', tenant: 'other-bank' }),
    ];
    const as = (bearer: string) => ({ Authorization: `Bearer ${bearer}` });
    const { service } = guarded;
    const answer = await eventually(202, () =>
      service.post('/predict/async', service.exampleBody()).set(as(key)),
    );
    const { location } = answer.body as { location: string };
    expect((await service.get(location).set(as(key))).status).toBe(200);
    for (const other of others) expect((await service.get(location).set(as(other))).status).toBe(404);
    expect((await service.get(location)).status).toBe(401);

    const reply = service
      .post('/predict/async', service.exampleBody())
      .set({ ...as(key), 'X-Reply-To': 'replies/other-bank/desk' });
    expect(problemOf(await reply).errors?.[0]?.field).toBe('X-Reply-To');
    await service.remove();
  });
});

/** Asks again until the status is the expected one, as while a service is still connecting. */
async function eventually(status: number, ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const answer = await ask();
    if (answer.status === status || tries === 100) return answer;
    await sleep(50);
  }
}
