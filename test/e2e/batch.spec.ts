import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    ['an open quote', 'creditLimit\n"1', 'syntax'],
    ['a header alone', 'creditLimit', 'size'],
    ['nothing', '', 'size'],
  ])('refuses CSV with %s: 400', async (_what, text, code) => {
    expect(problemOf(await postCsv(text).expect(400)).errors?.[0]?.code).toBe(code);
  });

  it('names columns by their place: a file without a header shows its values there', async () => {
    const response = await postCsv('Dupont,90000,male\n').expect(400);
    expect(problemOf(response).errors?.[0]).toEqual({
      field: 'column 1',
      code: 'unknown_field',
      message: 'column 1 is no field of an application',
    });
    expect(response.text).not.toMatch(/Dupont|90000|male/);
  });

  it('refuses 100,000 columns without comparing each with each, in a short answer', async () => {
    const header = Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(',');
    const response = await postCsv(header).expect(400);
    expect(problemOf(response).errors).toHaveLength(51);
    expect(response.text.length).toBeLessThan(10_000);
  });

  it('refuses a row that is too short or too long, and no other', async () => {
    const columns = Object.keys(body);
    const row = columns.map((column) => String(body[column])).join(',');
    const response = await postCsv(`${columns.join(',')}\n${row}\n1,2\n${row},9\n${row}\n`, {
      Accept: 'application/json',
    }).expect(200);
    const items = response.body as (Partial<Prediction> & ProblemDocument)[];
    expect(items.map((item) => item.decision ?? item.errors?.[0]?.code)).toEqual([
      items[0]?.decision,
      'wrong_length',
      'wrong_length',
      items[0]?.decision,
    ]);
  });

  it('refuses CSV that is not UTF-8: 400', async () => {
    const response = await postCsv('').send(Buffer.from('creditLimit\n\xff', 'latin1')).expect(400);
    expect(problemOf(response).errors?.[0]?.code).toBe('encoding');
  });

  it('keeps a record of each refused application, without the names of unknown fields', async () => {
    const lines = async (): Promise<string[]> =>
      (await readFile(join(service.dataFolder, 'logs', 'production_logs.json'), 'utf8'))
        .trimEnd()
        .split('\n');
    const before = (await lines()).length;
    await service.post('/predict/batch', [{ ...body, Dupont: 1 }, body, {}]).expect(200);
    const added = (await lines()).slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(added.map((record) => record['status'] ?? 200).sort()).toEqual([200, 400, 400]);
    expect(JSON.stringify(added)).not.toContain('Dupont');
  });

  it('lists at most 50 problems of one application, and says that there are more', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`field${index}`, 1]));
    const [item] = (await service.post('/predict/batch', [many]).expect(200)).body as ProblemDocument[];
    expect(item?.errors).toHaveLength(51);
    expect(item?.errors?.at(-1)?.code).toBe('and_more');
  });

  it('refuses a body above 4 MiB: 413', async () => {
    problemOf(await postCsv(`creditLimit\n${'1\n'.repeat(3_000_000)}`).expect(413));
  });
});
