import { parse } from 'csv-parse/sync';
import { PREDICTION_LOG, type PredictionLog } from '../../src/logging/prediction-log';
import { type RefusalRecord } from '../../src/logging/prediction-record';
import {
  type PredictionData,
  type PredictionsData,
} from '../../src/monitoring/pages/predictions/predictions-data';
import { type Prediction } from '../../src/prediction/prediction';
import { aRefusal } from '../factories/prediction-record';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** As browsers read attributes; Handlebars escapes more than it must. */
const unescapeHtml = (text: string): string =>
  text.replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

const DECISIONS = 60;

let service: Service;
let first: Prediction;
let refusedId: string;
beforeAll(async () => {
  service = await Service.start();
  const body = service.exampleBody();
  const protectedInputs = { sex: 'female', age: 34 };
  const answer = await service.post('/predict', {
    ...body,
    clientId: 'client:special@bank',
    protected: protectedInputs,
  });
  first = answer.body as Prediction;
  const rows = Array.from({ length: DECISIONS - 1 }, (_, index) => ({
    ...body,
    clientId: `client-${index}`,
    repaymentStatus1: index % 5,
  }));
  await service.post('/predict/batch', rows).expect(200);
  const log = service.app.get<PredictionLog>(PREDICTION_LOG, { strict: false });
  const hostile = { field: '<script>alert(1)</script>', code: 'unknown_field' };
  const problem = { title: 'The application is not valid', errors: [hostile, { field: '', code: 'type' }] };
  refusedId = (await log.append<RefusalRecord>(aRefusal({ problem }))).id;
});
afterAll(() => service.remove());

const page = async (path: string): Promise<string> =>
  unescapeHtml((await service.get(path).set('Accept', HTML).expect(200)).text);

describe('/monitoring/predictions', () => {
  it('lists decisions newest first and leads to the older ones', async () => {
    const newest = await page('/monitoring/predictions');
    expect(newest.match(/<tr>/g)).toHaveLength(51); // the header and 50 decisions
    expect(newest).not.toContain(first.id);
    const older = /href="(\/monitoring\/predictions\?cursor=[^"]+)"/.exec(newest)?.[1] ?? '';
    const rest = await page(older);
    expect(rest.match(/<tr>/g)).toHaveLength(1 + DECISIONS - 50);
    expect(rest).toContain(`href="/monitoring/predictions/${first.id}"`);
    expect(rest).toContain('Back to the newest');
    expect(rest).not.toContain('Older decisions');
  });

  it('narrows by decision, client and time; fields left empty do not count', async () => {
    const client = encodeURIComponent('client:special@bank');
    const found = await page(`/monitoring/predictions?clientId=${client}&from=&to=&decision=`);
    expect(found.match(/<tr>/g)).toHaveLength(2);
    expect(found).toContain('Show all');
    const { items } = (await service.get('/monitoring/api/predictions?decision=REJECTED'))
      .body as PredictionsData;
    expect(new Set(items.map(({ decision }) => decision))).toEqual(new Set(['REJECTED']));
    expect(await page('/monitoring/predictions?to=2020-01-01T00:00')).toContain('No decision matches.');
    expect(await page('/monitoring/predictions?from=2020-01-01')).toContain(
      'name="from" value="2020-01-01T00:00"',
    );
  });

  it.each([
    [
      'the id of a record',
      (): string => first.id.toUpperCase(),
      (): string => `/monitoring/predictions/${first.id}`,
    ],
    ['a client id', (): string => ' a:b@c ', (): string => '/monitoring/predictions?clientId=a%3Ab%40c'],
    ['nothing', (): string => '', (): string => '/monitoring/predictions'],
  ])('searches for %s', async (_what, search, target) => {
    const answer = await service.get(`/monitoring/predictions/find?search=${encodeURIComponent(search())}`);
    expect([answer.status, answer.headers['location']]).toEqual([303, target()]);
  });

  it('refuses what cannot be found, in the language of the reader and without repeating it', async () => {
    const hostile = encodeURIComponent('"><script>alert(1)</script>');
    const answer = await service
      .get(`/monitoring/predictions?clientId=${hostile}`)
      .set('Accept', HTML)
      .set('Accept-Language', 'fr')
      .expect(400);
    expect(answer.text).toContain('<html lang="fr">');
    expect(answer.text).toContain('clientId');
    expect(answer.text).not.toContain('alert(1)');
    const problem = problemOf(
      await service.get('/monitoring/api/predictions?from=2026-02-01&to=2026-01-01').expect(400),
    );
    expect(problem.errors).toEqual([
      { field: 'to', code: 'wrong_span', message: 'to must not be before from' },
    ]);
  });

  it('answers the shown page as CSV, with the same filters', async () => {
    const text = await page('/monitoring/predictions?decision=REJECTED');
    const address = /class="csv" href="([^"]+)"/.exec(text)?.[1] ?? '';
    const answer = await service.get(address).expect(200);
    expect(answer.headers['content-disposition']).toBe('attachment; filename="predictions.csv"');
    const rows = parse<Record<string, string>>(answer.text, { columns: true });
    expect(new Set(rows.map(({ decision }) => decision))).toEqual(new Set(['REJECTED']));
  });

  it('says how to make the first decision', async () => {
    const fresh = await Service.start();
    const { text } = await fresh.get('/monitoring/predictions').set('Accept', HTML).expect(200);
    expect(unescapeHtml(text)).toMatch(/curl -s http:\/\/127\.0\.0\.1:8000\/predict .*"creditLimit":/);
    await fresh.remove();
  });
});

describe('/monitoring/predictions/{id}', () => {
  it('shows a decision whole: values with label, unit and place in the reference, protected ones apart', async () => {
    const text = await page(`/monitoring/predictions/${first.id}`);
    expect(text).toContain(`<code>${first.probability}</code>`);
    expect(text).toContain(service.model.identity.sha256);
    expect(text).toContain('client:special@bank');
    // A credit limit of 90,000 lies in the fourth bin, 80,001 to 100,000: see model.json, reference.inputs.
    expect(text).toMatch(
      /Credit limit <code class="muted">creditLimit<\/code><\/th>\s*<td class="numeric">90,000 <span class="muted">TWD<\/span><\/td>\s*<td class="numeric">80,001 – 100,000<\/td>/,
    );
    expect(text).toMatch(/never scored[^]*Sex <code/);
    const { inputs } = (await service.get(`/monitoring/api/predictions/${first.id}`)).body as PredictionData;
    expect(inputs).toHaveLength(19);
    const csv = await service.get(`/monitoring/api/predictions/${first.id}?format=csv`).expect(200);
    expect(parse(csv.text, { columns: true })).toHaveLength(19 + 2);
  });

  it('makes a decision again and shows that it is the same', async () => {
    const answer = await service
      .post(`/monitoring/predictions/${first.id}/replay`, undefined)
      .set('Accept', HTML)
      .expect(200);
    const text = unescapeHtml(answer.text);
    expect(text).toContain('Identical: the same decision came out, bit for bit');
    expect(text.match(new RegExp(`<td>${String(first.probability)}</td>`, 'g'))).toHaveLength(2);
    // Links of the page lead to the record, not to the address that only takes a POST.
    expect(text).toContain(`href="/monitoring/predictions/${first.id}?lang=fr"`);
    expect(text).toContain(`href="/monitoring/api/predictions/${first.id}"`);
  });

  it('shows a refused request with its status and fields, escaped, and without a replay', async () => {
    const { text } = await service
      .get(`/monitoring/predictions/${refusedId}`)
      .set('Accept', HTML)
      .expect(200);
    expect(text).toContain('Refused request');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('<th scope="row">not named</th>');
    expect(text).not.toContain('/replay');
    await service.post(`/monitoring/predictions/${refusedId}/replay`, undefined).expect(404);
  });

  it.each(['01a20833-1a64-70de-bf1e-1c9ff4bc8795', 'nothing', '%00'])('answers 404 to %s', async (id) => {
    await service.get(`/monitoring/predictions/${id}`).set('Accept', HTML).expect(404);
    problemOf(await service.get(`/monitoring/api/predictions/${id}`).expect(404));
  });
});
