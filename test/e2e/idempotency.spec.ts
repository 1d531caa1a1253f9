import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import request from 'supertest';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { type Prediction } from '../../src/prediction/prediction';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

let service: Service;
let body: Record<string, unknown>;

beforeAll(async () => {
  service = await Service.start();
  body = service.exampleBody();
});
afterAll(() => service.remove());

/** Bodies are sent as text, so that a test decides on every byte. */
function post(key: string, text: string, path = '/predict'): request.Test {
  return request(service.server)
    .post(path)
    .set('Content-Type', 'application/json')
    .set('Idempotency-Key', key)
    .serialize((value: unknown) => value as string)
    .send(text);
}

/** Right after a start keys are refused until the index is complete: a client sends again, as it is told. */
async function postUntilDecided(key: string, text: string): Promise<request.Response> {
  for (;;) {
    const response = await post(key, text);
    if (response.status !== 503) return response;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** All records with the key that lie on the disk. */
async function recordsOf(key: string): Promise<PredictionRecord[]> {
  const folder = join(service.dataFolder, 'logs');
  const names = (await readdir(folder)).filter((name) => /^production_logs.*\.json$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return lines
    .map((line) => JSON.parse(line) as PredictionRecord)
    .filter(({ idempotencyKey }) => idempotencyKey === key);
}

describe('POST /predict with an Idempotency-Key', () => {
  it('gives the same answer byte for byte and keeps one record, which carries the key', async () => {
    const text = JSON.stringify({ ...body, clientId: 'client-1' });
    const first = await postUntilDecided('e2e-1', text);
    const second = await post('e2e-1', text);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.text).toBe(first.text);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(second.headers['idempotent-replayed']).toBe('true');
    const records = await recordsOf('e2e-1');
    expect(records.map(({ id }) => id)).toEqual([(first.body as Prediction).id]);
  });

  it('takes white space, the order of fields and 1.0 for 1 as the same application', async () => {
    const first = await post('e2e-2', JSON.stringify({ ...body, creditLimit: 90_000 }));
    const turned = JSON.stringify(
      Object.fromEntries(Object.entries({ ...body, creditLimit: 90_000 }).reverse()),
      null,
      3,
    );
    const second = await post('e2e-2', turned.replace('90000', '90000.0'));
    expect(second.text).toBe(first.text);
    expect(second.headers['idempotent-replayed']).toBe('true');
  });

  it('answers 422 to another application under the key', async () => {
    await post('e2e-3', JSON.stringify(body)).expect(200);
    for (const other of [
      { ...body, creditLimit: 12_345 },
      { ...body, clientId: 'client-2' },
    ]) {
      const response = await post('e2e-3', JSON.stringify(other)).expect(422);
      expect(problemOf(response).type).toBe('urn:credit-scoring:problem:idempotency-key-reused');
      expect(response.text).not.toMatch(/e2e-3|12345|client-2/);
    }
    expect(await recordsOf('e2e-3')).toHaveLength(1);
  });

  it('decides once for 100 duplicates at once: each gets the answer, or 409 and Retry-After', async () => {
    const text = JSON.stringify(body);
    const responses = await Promise.all(Array.from({ length: 100 }, () => post('e2e-4', text)));
    const answered = responses.filter(({ status }) => status === 200);
    const inFlight = responses.filter(({ status }) => status === 409);
    expect(answered.length + inFlight.length).toBe(100);
    expect(new Set(answered.map((response) => response.text)).size).toBe(1);
    for (const response of inFlight) {
      expect(response.headers['retry-after']).toBe('1');
      expect(problemOf(response).type).toBe('urn:credit-scoring:problem:idempotency-key-in-flight');
    }
    expect(await recordsOf('e2e-4')).toHaveLength(1);
  });

  it('binds nothing to a request that was refused', async () => {
    const refused = await post('e2e-5', JSON.stringify({ ...body, creditLimit: 'much' }));
    expect(refused.status).toBe(400);
    const response = await post('e2e-5', JSON.stringify(body)).expect(200);
    expect(response.headers['idempotent-replayed']).toBeUndefined();
  });

  it.each([
    ['an empty key', ''],
    ['a key with a space', 'a b'],
    ['256 characters', 'k'.repeat(256)],
  ])('refuses %s with 400 and names the header', async (_what, key) => {
    const response = await post(key, JSON.stringify(body)).expect(400);
    expect(problemOf(response).errors).toEqual([
      expect.objectContaining({ field: 'Idempotency-Key', code: 'wrong_format' }),
    ]);
  });

  it('refuses two headers with 400, also when they are equal', async () => {
    const text = JSON.stringify(body);
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.end(
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n' +
        `Idempotency-Key: same\r\nIdempotency-Key: same\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('Idempotency-Key must be sent once');
    expect(await recordsOf('same')).toEqual([]);
  });

  it('gives the same answer after a restart', async () => {
    const text = JSON.stringify(body);
    const first = await post('e2e-6', text).expect(200);
    await service.stop();
    service = await Service.start({ DATA_DIR: service.dataFolder });
    const second = await postUntilDecided('e2e-6', text);
    expect(second.text).toBe(first.text);
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(await recordsOf('e2e-6')).toHaveLength(1);
  });

  it('shows the key in the record, and describes header and statuses under /docs-json', async () => {
    const { body: prediction } = (await post('e2e-7', JSON.stringify(body)).expect(200)) as {
      body: Prediction;
    };
    const record = await service.get(`/predictions/${prediction.id}`).expect(200);
    expect(record.body).toMatchObject({ idempotencyKey: 'e2e-7' });
    const document = (await service.get('/docs-json').expect(200)).body as {
      paths: Record<string, { post: { parameters: unknown[]; responses: Record<string, unknown> } }>;
    };
    const operation = document.paths['/predict']?.post;
    expect(operation?.parameters).toContainEqual(
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: false }),
    );
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(['409', '422', '503']));
  });
});

describe('POST /predict/batch with an Idempotency-Key', () => {
  it('is refused with 400, which says that keys are for single predictions', async () => {
    const response = await post('e2e-8', JSON.stringify([body]), '/predict/batch').expect(400);
    expect(problemOf(response).errors).toEqual([
      {
        field: 'Idempotency-Key',
        code: 'unsupported',
        message:
          'Idempotency-Key is for single predictions: leave it out, or send the applications one by one',
      },
    ]);
  });
});
