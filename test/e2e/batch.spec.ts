import request from 'supertest';
import { type ProblemDocument } from '../../src/common/http/problem';
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

function postCsv(text: string, headers: Record<string, string> = {}): request.Test {
  return request(service.server)
    .post('/predict/batch')
    .set('Content-Type', 'text/csv')
    .set(headers)
    .send(text);
}

describe('POST /predict/batch', () => {
  it('answers in order, and one bad row does not fail the others', async () => {
    const response = await service
      .post('/predict/batch', [
        { ...body, clientId: 'first' },
        { ...body, creditLimit: 'x' },
        7,
        { ...body, clientId: 'last' },
      ])
      .expect(200);
    const items = response.body as (Prediction & ProblemDocument)[];
    expect(items.map((item) => item.clientId ?? item.errors?.[0]?.field)).toEqual([
      'first',
      'creditLimit',
      '',
      'last',
    ]);
    expect(items[0]?.probability).toBe(items[3]?.probability);
    expect(items[1]).toMatchObject({ status: 400, errors: [{ field: 'creditLimit', code: 'wrong_type' }] });
  });

  it('gives each application the probability that POST /predict gives it, and a record of its own', async () => {
    const applications = Array.from({ length: 40 }, (_, index) => ({
      ...body,
      creditLimit: 10_000 + 5_000 * index,
    }));
    const batch = (await service.post('/predict/batch', applications).expect(200)).body as Prediction[];
    for (const [index, application] of applications.entries()) {
      const single = (await service.post('/predict', application).expect(200)).body as Prediction;
      expect(batch[index]?.probability).toBe(single.probability);
      const record = await service.get(`/predictions/${batch[index]?.id ?? ''}`).expect(200);
      expect(record.body).toMatchObject({ inputs: application, probability: single.probability });
    }
  });

  it('takes a thousand applications, and refuses one more or none: 400', async () => {
    expect((await service.post('/predict/batch', Array(1_000).fill(body)).expect(200)).body).toHaveLength(
      1_000,
    );
    problemOf(await service.post('/predict/batch', Array(1_001).fill(body)).expect(400));
    problemOf(await service.post('/predict/batch', []).expect(400));
    problemOf(await service.post('/predict/batch', body).expect(400));
  });

  it('takes CSV and answers CSV, with the reason in the row of a bad application', async () => {
    const columns = Object.keys(body);
    const row = columns.map((column) => String(body[column])).join(',');
    const bad = row.replace(/^[^,]*/, 'x');
    const response = await postCsv(`clientId,${columns.join(',')},age\nc1,${row},40\nc2,${bad},\n`).expect(
      200,
    );
    expect(response.headers['content-type']).toMatch(/^text\/csv/);
    const [header, first, second] = response.text.trimEnd().split('\n');
    expect(header).toBe('row,id,clientId,probability,score,decision,error');
    expect(first).toMatch(/^1,[0-9a-f-]{36},c1,0\.\d+,\d+,[A-Z]+,$/);
    expect(second).toMatch(/^2,,,,,,"?creditLimit must be/);
  });

  it('answers CSV with JSON when the caller accepts nothing else', async () => {
    const columns = Object.keys(body);
    const text = `${columns.join(',')}\n${columns.map((column) => String(body[column])).join(',')}`;
    const response = await postCsv(text, { Accept: 'application/json' }).expect(200);
    expect(response.body).toMatchObject([{ decision: expect.any(String) as string }]);
  });

  it.each([
    ['an unknown column', 'creditLimit,shoeSize\n1,2', 'unknown_field'],
    ['a column twice', 'creditLimit,creditLimit\n1,2', 'duplicate_key'],
    ['rows of another length', 'creditLimit,billAmount1\n1', 'syntax'],
    ['an open quote', 'creditLimit\n"1', 'syntax'],
    ['a header alone', 'creditLimit', 'size'],
    ['nothing', '', 'size'],
  ])('refuses CSV with %s: 400', async (_what, text, code) => {
    expect(problemOf(await postCsv(text).expect(400)).errors?.[0]?.code).toBe(code);
  });

  it('refuses a body above 4 MiB: 413', async () => {
    problemOf(await postCsv(`creditLimit\n${'1\n'.repeat(3_000_000)}`).expect(413));
  });
});
