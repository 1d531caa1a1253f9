import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import request from 'supertest';
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

function postText(text: string | Buffer, type = 'application/json'): request.Test {
  return request(service.server)
    .post('/predict')
    .set('Content-Type', type)
    .serialize((value: unknown) => value as string)
    .send(text as string);
}

describe('POST /predict', () => {
  it('answers the decision of a valid application', async () => {
    const response = await service.post('/predict', { ...body, clientId: 'client-7' }).expect(200);
    const prediction = response.body as Prediction;
    const { bundle, scorer } = service.model;
    expect(prediction).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      clientId: 'client-7',
      probability: scorer.score(
        Object.fromEntries(bundle.inputs.map((input) => [input.name, input.example])),
      ),
      score: expect.any(Number) as number,
      decision: expect.stringMatching(/^(APPROVED|REFERRED|REJECTED)$/) as string,
      model: { name: bundle.name, version: bundle.version },
      policyVersion: bundle.policy.version,
      inferenceTimeMs: expect.any(Number) as number,
    });
  });

  it('has the record in the log before it answers, checksum and all', async () => {
    const response = await service.post('/predict', { ...body, clientId: 'traced' }).expect(200);
    const prediction = response.body as Prediction;
    const lines = (await readFile(join(service.dataFolder, 'logs', 'production_logs.json'), 'utf8'))
      .trimEnd()
      .split('\n');
    const record = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
    expect(record).toMatchObject({
      id: prediction.id,
      clientId: 'traced',
      caller: 'anonymous',
      model: { ...service.model.identity, role: 'champion' },
      inputs: body,
      probability: prediction.probability,
      decision: prediction.decision,
    });
    expect(record['checksum']).toMatch(/^[0-9a-f]{8}$/);
  });

  it('records protected attributes and does not score them', async () => {
    const [first] = service.model.bundle.protectedInputs;
    if (!first) throw new Error('The bundle has no protected input');
    const plain = await service.post('/predict', body).expect(200);
    const response = await service
      .post('/predict', { ...body, protected: { [first.name]: first.example } })
      .expect(200);
    expect((response.body as Prediction).probability).toBe((plain.body as Prediction).probability);
    const record = await service.get(`/predictions/${(response.body as Prediction).id}`).expect(200);
    expect(record.body).toMatchObject({ protected: { [first.name]: first.example } });
  });

  it('names every wrong field at once, and repeats no value', async () => {
    const response = await service
      .post('/predict', {
        ...body,
        creditLimit: 'secret-value',
        repaymentStatus1: 1.5,
        billAmount1: undefined,
        paymentAmount1: -987654321,
        clientId: '../../etc',
        protected: { age: 'unknown', shoeSize: 44 },
        surname: 'Dupont',
      })
      // One made by chance may hold the digits of a value.
      .set('X-Request-Id', 'a-request')
      .expect(400);
    const problem = problemOf(response);
    expect(new Map(problem.errors?.map(({ field, code }) => [field, code]))).toEqual(
      new Map([
        ['surname', 'unknown_field'],
        ['creditLimit', 'wrong_type'],
        ['repaymentStatus1', 'wrong_type'],
        ['billAmount1', 'required'],
        ['paymentAmount1', 'out_of_range'],
        ['clientId', 'wrong_format'],
        ['protected.shoeSize', 'unknown_field'],
        ['protected.age', 'wrong_type'],
      ]),
    );
    expect(response.text).not.toMatch(/secret-value|987654321|etc|Dupont|44/);
  });

  it('keeps a record of a refusal: status and fields, no values', async () => {
    const response = await service.post('/predict', { ...body, creditLimit: 'secret-value' }).expect(400);
    const { requestId } = problemOf(response);
    const text = await readFile(join(service.dataFolder, 'logs', 'production_logs.json'), 'utf8');
    const line = text.split('\n').find((candidate) => candidate.includes(requestId ?? 'none'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      status: 400,
      problem: { errors: [{ field: 'creditLimit', code: 'wrong_type' }] },
    });
    expect(line).not.toContain('secret-value');
  });

  it.each([
    ['an empty body', '', 'body_missing'],
    ['white space only', '  ', 'syntax'],
    ['no JSON', 'hello', 'syntax'],
    ['half an object', '{"creditLimit": 1', 'syntax'],
    ['two documents', '{}{}', 'syntax'],
    ['a trailing comma', '{"creditLimit":1,}', 'syntax'],
    ['a comment', '{/* */}', 'syntax'],
    ['single quotes', "{'creditLimit':1}", 'syntax'],
    ['NaN', '{"creditLimit":NaN}', 'syntax'],
    ['Infinity', '{"creditLimit":Infinity}', 'syntax'],
    ['a hexadecimal number', '{"creditLimit":0x10}', 'syntax'],
    ['a leading zero', '{"creditLimit":01}', 'syntax'],
    ['a byte order mark', '\uFEFF{}', 'syntax'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'encoding'],
    ['a key twice', '{"creditLimit":1,"creditLimit":2}', 'duplicate_key'],
    ['a key twice, once escaped', '{"creditLimit":1,"credit\\u004cimit":2}', 'duplicate_key'],
    ['__proto__', '{"__proto__":{"polluted":true}}', 'forbidden_key'],
    ['__proto__, escaped', '{"__pr\\u006fto__":{"polluted":true}}', 'forbidden_key'],
    ['constructor', '{"constructor":{"prototype":{}}}', 'forbidden_key'],
    ['too much nesting', '[[[[1]]]]', 'too_deep'],
    ['very much nesting', `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`, 'too_deep'],
    ['an unclosed array 30,000 deep', '['.repeat(30_000), 'too_deep'],
    ['depth hidden behind closers', `[${'}'.repeat(20_000)},${'['.repeat(20_000)}`, 'too_deep'],
    ['brackets that never match', '[}'.repeat(20_000), 'syntax'],
  ])('refuses %s as %j is not an application: 400', async (_what, text, code) => {
    const problem = problemOf(await postText(text).expect(400));
    expect(problem.errors?.[0]?.code).toBe(code);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(['toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', ''])(
    'refuses the unknown field %j, also among protected attributes: 400',
    async (name) => {
      const response = await service
        .post('/predict', { ...body, [name]: 1, protected: { [name]: 1 } })
        .expect(400);
      expect(problemOf(response).errors?.map(({ code }) => code)).toEqual(['unknown_field', 'unknown_field']);
    },
  );

  it.each([
    ['an array', '[]'],
    ['a string', '"text"'],
    ['null', 'null'],
    ['a number', '1'],
    ['true', 'true'],
  ])('refuses %s in place of an object: 400', async (_what, text) => {
    const problem = problemOf(await postText(text).expect(400));
    expect(problem.errors).toEqual([
      { field: '', code: 'wrong_type', message: 'an application must be a JSON object' },
    ]);
  });

  it.each([
    ['null for a required input', null, 'required'],
    ['a number as text', '90000', 'wrong_type'],
    ['an array', [90000], 'wrong_type'],
    ['an object', { value: 90000 }, 'wrong_type'],
    ['true', true, 'wrong_type'],
    ['below the minimum', -1, 'out_of_range'],
    ['a fraction of a whole number', 90000.5, 'wrong_type'],
  ])('refuses %s: 400 naming the field', async (_what, value, code) => {
    const problem = problemOf(await service.post('/predict', { ...body, creditLimit: value }).expect(400));
    expect(problem.errors).toMatchObject([{ field: 'creditLimit', code }]);
  });

  it('refuses a number too large for float64 (JSON.parse reads infinity): 400 naming the field', async () => {
    const text = JSON.stringify({ ...body, creditLimit: 0 }).replace(
      '"creditLimit":0',
      '"creditLimit":1e999',
    );
    expect(problemOf(await postText(text).expect(400)).errors).toMatchObject([{ field: 'creditLimit' }]);
  });

  it.each([
    ['no media type', '', {}],
    ['plain text', 'text/plain', {}],
    ['a form', 'application/x-www-form-urlencoded', {}],
    ['another charset', 'application/json; charset=utf-16', {}],
    ['a compressed body', 'application/json', { 'Content-Encoding': 'gzip' }],
  ])('refuses %s: 415', async (_what, type, headers) => {
    problemOf(await postText(JSON.stringify(body), type).set(headers).expect(415));
  });

  it('accepts a charset parameter that says UTF-8', async () => {
    await postText(JSON.stringify(body), 'application/json; charset="UTF-8"').expect(200);
  });

  it('refuses a body above 64 KiB by its length, before reading it: 413', async () => {
    const response = await postText(JSON.stringify({ text: randomBytes(50_000).toString('hex') })).expect(
      413,
    );
    problemOf(response);
  });

  it('refuses a body above 64 KiB that hides its length: 413', async () => {
    const chunked = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let index = 0; index < 100; index++) controller.enqueue(new Uint8Array(1_024).fill(0x20));
        controller.close();
      },
    });
    const response = await fetch(`${service.url}/predict`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: chunked,
      duplex: 'half',
    });
    expect(response.status).toBe(413);
    // How much is still to come is not known.
    expect(response.headers.get('connection')).toBe('close');
  });

  it('gives a request back the id it came with, and none that could forge a log line', async () => {
    const kept = await service.get('/nowhere').set('X-Request-Id', 'trace-1');
    expect(problemOf(kept).requestId).toBe('trace-1');
    const replaced = await service.get('/nowhere').set('X-Request-Id', 'a b"}');
    expect(problemOf(replaced).requestId).toMatch(/^[0-9a-f-]{36}$/);
    const long = await service.get('/nowhere').set('X-Request-Id', 'x'.repeat(65));
    expect(problemOf(long).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('methods and addresses', () => {
  it.each([
    ['get', '/predict', 'POST'],
    ['delete', '/predict', 'POST'],
    ['put', '/predict/batch', 'POST'],
    ['post', '/predictions', 'GET, HEAD'],
    ['delete', '/predictions/01a20833-1a64-70de-bf1e-1c9ff4bc8795', 'GET, HEAD'],
    ['get', '/predictions/01a20833-1a64-70de-bf1e-1c9ff4bc8795/replay', 'POST'],
    ['post', '/health', 'GET, HEAD'],
  ] as const)('answers %s %s with 405 and Allow: %s', async (method, path, allow) => {
    const response = await request(service.server)[method](path).expect(405);
    problemOf(response);
    expect(response.headers['allow']).toBe(allow);
  });

  it('answers an unknown address with 404', async () => {
    problemOf(await service.get('/nowhere').expect(404));
  });

  it('answers a path with broken percent-encoding with 400', async () => {
    problemOf(await service.get('/predictions/%E0%A4%A').expect(400));
  });

  it('never names the software', async () => {
    const response = await service.post('/predict', body);
    expect(response.headers['x-powered-by']).toBeUndefined();
    expect(response.headers['server']).toBeUndefined();
  });
});
