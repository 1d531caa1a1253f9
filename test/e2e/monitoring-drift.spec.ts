import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import request from 'supertest';
import { ActiveModels } from '../../src/model/active-models';
import { FolderModelRegistry } from '../../src/model/folder-model-registry';
import { DriftJob } from '../../src/monitoring/drift/drift-job';
import { type DriftData, type DriftInputData } from '../../src/monitoring/pages/drift/drift-data';
import { DecidedLog, loadModel } from '../factories/decided-log';
import { type DecidedRow, readDecidedRows } from '../factories/drift-window';
import { someReports } from '../factories/drift-report';
import { Pages } from '../factories/monitoring-pages';
import { problemOf } from '../factories/problem';
import { Service } from '../factories/service';

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const DAY_MS = 86_400_000;
const ROWS_A_DAY = 400;

/** Two whole days before today: a day like the hold-out sample, then one on which only small credit was asked for. */
let service: Service;
beforeAll(async () => {
  const model = await loadModel();
  const rows = readDecidedRows(model, 'data/samples/holdout.csv');
  const low = rows.filter(({ inputs }) => Number(inputs['creditLimit']) <= 50_000);
  const dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-'));
  const log = await DecidedLog.open(dataFolder, model);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const decideAll = async (day: readonly DecidedRow[], fromMs: number): Promise<void> => {
    for (const [index, row] of day.slice(0, ROWS_A_DAY).entries()) {
      await log.decide(fromMs + index * 60_000, row.inputs, row.protected);
    }
  };
  await decideAll(rows, today - 2 * DAY_MS);
  await decideAll(low, today - DAY_MS);
  await log.close();
  service = await Service.start({ DATA_DIR: dataFolder, DRIFT_CRON: '0 0 * * *' });
  await service.app.get(DriftJob, { strict: false }).runDue();
});
afterAll(() => service.remove());

const data = async (query = ''): Promise<DriftData> =>
  (await service.get(`/monitoring/api/drift${query}`).expect(200)).body as DriftData;

const expectTable = (text: string): Record<string, string>[] =>
  parse<Record<string, string>>(text, { columns: true });

describe('/monitoring/drift', () => {
  it('says which input drifted, how much and what to do, and links to it', async () => {
    const { text } = await service.get('/monitoring/drift').set('Accept', HTML).expect(200);
    expect(text).toMatch(/inputs have drifted/);
    expect(text).toMatch(/<b>Credit limit<\/b> PSI \d\.\d{3}, from 0\.1 on it counts/);
    expect(text).toContain('Ask whether the source');
    expect(text).toMatch(/href="\/monitoring\/drift\/creditLimit\?report&#x3D;\d{4}-/);
    expect(text).toContain(`${ROWS_A_DAY} decisions compared with 6,000 rows of the reference.`);
    expect(text).toContain('The next report is due');
  });

  it('shows an earlier report, and says that there is a later one', async () => {
    const { runs } = await data();
    expect(runs.map(({ verdict }) => verdict)).toEqual(['drifted', 'stable']);
    const { text } = await service.get(`/monitoring/drift?report=${runs[1]?.id ?? ''}&lang=fr`).expect(200);
    expect(text).toContain('<html lang="fr">');
    expect(text).toContain('Pas de dérive : les 24 variables');
    expect(text).toContain('Ouvrir le dernier');
  });

  it('answers the report as JSON, and inputs and runs as CSV', async () => {
    const { report, runs, latestId } = await data();
    expect(report?.id).toBe(latestId);
    expect(report?.inputs).toHaveLength(24); // 19 inputs, 4 protected attributes, and the probability
    const inputs = await service.get('/monitoring/api/drift?format=csv').expect(200);
    expect(inputs.headers['content-disposition']).toBe('attachment; filename="drift-inputs.csv"');
    const table = expectTable(inputs.text);
    expect(table.map(({ name, psi }) => [name, Number(psi)])).toEqual(
      report?.inputs.map(({ name, psi }) => [name, psi.value]),
    );
    const history = expectTable((await service.get('/monitoring/api/drift?format=csv&table=runs')).text);
    expect(history.map((run) => run['report'])).toEqual(runs.map(({ id }) => id));
  });

  it('answers a report as one file that names nothing to load', async () => {
    const { latestId } = await data();
    const file = await service.get('/monitoring/api/drift?format=html&lang=fr').expect(200);
    expect(file.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(file.headers['content-disposition']).toBe(`attachment; filename="drift-${latestId ?? ''}.html"`);
    expect(file.text).toContain('<html lang="fr">');
    expect(file.text).not.toMatch(/<script|<link|<img|src=|url\(|@import/);
    const links = [...file.text.matchAll(/href="([^"]*)"/g)].map(([, href]) => href ?? '');
    expect(links.length).toBeGreaterThan(24);
    for (const href of links) expect(href).toMatch(/^#input-\d+$/);
    expect(file.text.match(/<article/g)).toHaveLength(24);
  });

  it.each(['?report=2020-01-01T00-00-00Z', '?report=..%2F..%2Falerts', '?report='])(
    'answers 404 to %s, as a page to people and as a problem to programs',
    async (query) => {
      const page = await service.get(`/monitoring/drift${query}`).set('Accept', HTML).expect(404);
      expect(page.text).toContain('There is no drift report of this id');
      problemOf(await service.get(`/monitoring/api/drift${query}`).expect(404));
    },
  );

  it('answers 400 to what it does not understand', async () => {
    await service.get('/monitoring/drift?report=a&report=b').set('Accept', HTML).expect(400);
    const problem = problemOf(await service.get('/monitoring/api/drift?format=pdf&table=all').expect(400));
    expect(problem.errors?.map(({ field }) => field)).toEqual(['format', 'table']);
  });
});

describe('/monitoring/drift/{input}', () => {
  it('shows distributions, statistics and history of an input', async () => {
    const { text } = await service.get('/monitoring/drift/creditLimit').set('Accept', HTML).expect(200);
    expect(text).toContain('<h1>Drift: Credit limit</h1>');
    expect(text).toContain('Amount of credit granted');
    expect(text).toContain('Bin (TWD)');
    expect(text).toContain(`production n &#x3D; ${ROWS_A_DAY}, reference n &#x3D; 6,000`);
    for (const name of ['Kolmogorov–Smirnov', 'Chi-square', 'Wasserstein', 'Benjamini–Hochberg']) {
      expect(text).toContain(name);
    }
    expect(text).toContain('By end of window, 2 runs');
  });

  it('shows the probability and a protected attribute too', async () => {
    const probability = await service.get('/monitoring/drift/probability').expect(200);
    expect(probability.text).toContain('Low is good.');
    const sex = await service.get('/monitoring/drift/sex').expect(200);
    expect(sex.text).toContain('Protected attribute: recorded, never scored');
    expect(sex.text).not.toContain('id="ks-history"');
  });

  it('answers its data as JSON, and bins and history as CSV', async () => {
    const answer = await service.get('/monitoring/api/drift/creditLimit').expect(200);
    const { subject, history, definition } = answer.body as DriftInputData;
    expect(definition?.unit).toBe('TWD');
    expect(history.map(({ verdict }) => verdict)).toEqual(['stable', 'drifted']);
    const bins = expectTable((await service.get('/monitoring/api/drift/creditLimit?format=csv')).text);
    expect(bins.map(({ production }) => Number(production))).toEqual(
      subject?.bins.map(({ production }) => production),
    );
    expect(bins.reduce((sum, { production }) => sum + Number(production), 0)).toBe(ROWS_A_DAY);
    const runs = await service.get('/monitoring/api/drift/creditLimit?format=csv&table=history');
    expect(expectTable(runs.text)).toHaveLength(2);
  });

  it.each(['shoeSize', '%3Cscript%3Ealert(1)%3C%2Fscript%3E', '__proto__'])(
    'answers 404 to %s without repeating it',
    async (name) => {
      const page = await service.get(`/monitoring/drift/${name}`).set('Accept', HTML).expect(404);
      expect(page.text).toContain('The report has no input of this name.');
      expect(page.text).not.toContain('alert(1)');
      problemOf(await service.get(`/monitoring/api/drift/${name}`).expect(404));
    },
  );
});

describe('another model, with categories among its inputs', () => {
  it('has a page for each input, under the label of its bundle, and a file', async () => {
    const registry = new FolderModelRegistry('test/fixtures/models');
    const model = (await ActiveModels.load(registry, undefined)).champion();
    const pages = await Pages.start({ models: 'test/fixtures/models', reports: someReports(model, 3) });
    for (const { name, label } of [...model.bundle.inputs, ...model.bundle.protectedInputs]) {
      const { text } = await request(pages.server).get(`/monitoring/drift/${name}`).expect(200);
      expect(text).toContain(`Drift: ${label?.en ?? name}`);
    }
    await request(pages.server).get('/monitoring/api/drift?format=html').expect(200);
    await pages.stop();
  });
});

describe('before the first report', () => {
  let fresh: Service;
  beforeAll(async () => {
    fresh = await Service.start();
  });
  afterAll(() => fresh.remove());

  it('says when the first is due and how to make one by hand', async () => {
    const { text } = await fresh.get('/monitoring/drift').set('Accept', HTML).expect(200);
    expect(text).toContain('No drift report yet');
    expect(text).toContain('npm run drift -- --from');
  });

  it('describes an input, and knows no others', async () => {
    const { text } = await fresh.get('/monitoring/drift/creditLimit').expect(200);
    expect(text).toContain('Amount of credit granted');
    await fresh.get('/monitoring/drift/shoeSize').expect(404);
  });

  it('has empty tables, and no file', async () => {
    expect(expectTable((await fresh.get('/monitoring/api/drift?format=csv').expect(200)).text)).toEqual([]);
    problemOf(await fresh.get('/monitoring/api/drift?format=html').expect(404));
  });
});
