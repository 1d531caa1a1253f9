import { loadModel } from '../../../../test/factories/decided-log';
import { runOf, someInputDrift, someReport, someReports } from '../../../../test/factories/drift-report';
import { NOW_MS, someJobStatus } from '../../../../test/factories/monitoring';
import { type LoadedModel } from '../../../model/active-models';
import { readerOf } from '../reader';
import { describeBars } from './describe-bars';
import { describeDrift } from './describe-drift';
import { describeDriftExport } from './describe-drift-export';
import { describeDriftVerdict } from './describe-drift-verdict';
import { type DriftData } from './drift-data';

const reader = readerOf('en');
let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});

/** The newest of some daily reports, unless told otherwise. */
function someData(differences: Partial<DriftData> = {}): DriftData {
  const reports = someReports(model, 20);
  const [latest = someReport()] = reports;
  return {
    nowMs: NOW_MS,
    report: latest,
    latestId: latest.id,
    runs: reports.map(runOf),
    job: someJobStatus(),
    model: model.identity,
    ...differences,
  };
}

const verdictOf = (data: DriftData) => describeDriftVerdict(data, model.bundle, reader);

describe('describeDriftVerdict', () => {
  it('names what drifted, how much, and what to do', () => {
    const { level, title, items } = verdictOf(someData());
    expect([level, title]).toEqual(['attention', '1 of 24 inputs have drifted']);
    expect(items[0]).toMatchObject({ level: 'attention', topic: 'Credit limit' });
    expect(items[0]?.sentence).toMatch(/^PSI 0\.241, from 0\.1 on it counts; p < 0\.0001 after correction\./);
    expect(items[1]?.topic).toBe('What to do');
  });

  it('is critical once a change is major, and names at most five', () => {
    const inputs = model.bundle.inputs.slice(0, 8).map(({ name }) => someInputDrift(name, 0.3));
    const { level, items } = verdictOf(someData({ report: someReport({ inputs, model: model.identity }) }));
    expect(level).toBe('critical');
    expect(items.filter(({ link }) => link?.text === 'See its values')).toHaveLength(5);
    expect(items.map(({ sentence }) => sentence)).toContain('3 more have drifted: see the table below.');
  });

  it('tells for each role what to do', () => {
    const inputs = [
      someInputDrift('sex', 0.3, { role: 'protected' }),
      someInputDrift('probability', 0.3, { role: 'probability' }),
    ];
    const { items } = verdictOf(someData({ report: someReport({ inputs }) }));
    const todo = items.filter(({ topic }) => topic === 'What to do').map(({ sentence }) => sentence);
    expect(todo).toEqual([expect.stringContaining('fairness'), expect.stringContaining('approval rate')]);
  });

  it('never calls too few data stable', () => {
    const report = someReport({ verdict: 'insufficient_data', rows: 12, inputs: [] });
    const { level, title, items } = verdictOf(someData({ report }));
    expect([level, title]).toEqual(['unknown', 'Too few decisions to judge drift']);
    expect(items[0]?.sentence).toBe('12 decisions, and it takes 200.');
  });

  it.each([
    [{ overdue: true }, 'critical', 'A report is overdue.'],
    [
      { overdue: true, lastFailure: 'no space' },
      'critical',
      'A report is overdue. The last run failed: no space',
    ],
    [{ lastFailure: 'no space' }, 'attention', 'The last run failed: no space'],
    [{ running: true }, 'good', 'A report is being made now; reload in a moment.'],
    [{}, 'good', 'The next report is due 24 Nov 2026, 00:05 UTC, on 24 h of decisions.'],
  ])('tells of a schedule that is %j', (job, level, sentence) => {
    const { items } = verdictOf(someData({ job: someJobStatus(job) }));
    expect(items.at(-1)).toMatchObject({ level, sentence, topic: 'Schedule' });
  });

  it('warns of a failing schedule also before the first report', () => {
    const job = someJobStatus({ overdue: true });
    expect(verdictOf(someData({ report: null, latestId: null, runs: [], job }))).toMatchObject({
      level: 'critical',
      title: 'No drift report yet',
    });
  });

  it('says when a report is not the latest, is about another model, or lacks damaged lines', () => {
    const report = someReport({ id: '2026-11-20T00-00-00Z', damagedLines: 3 });
    const topics = verdictOf(someData({ report })).items.map(({ topic, link }) => [topic, link?.href]);
    expect(topics).toContainEqual(['Report', '/monitoring/drift']);
    expect(topics).toContainEqual(['Model', undefined]);
    expect(topics.filter(([topic]) => topic === 'Data')).toHaveLength(3);
  });
});

describe('describeDrift', () => {
  it('shows inputs in the order of the report, with verdicts in words', () => {
    const { report } = describeDrift(someData(), model.bundle, reader, '/monitoring/drift?lang=en');
    expect(report?.subjects.slice(0, 3).map(({ name, badge }) => [name, badge.text])).toEqual([
      ['probability', 'Stable'],
      ['creditLimit', 'Drifted'],
      [expect.any(String), 'Stable'],
    ]);
    expect(report?.subjectsCsv).toBe('/monitoring/api/drift?format=csv&table=inputs');
    expect(report?.file).toBe('/monitoring/api/drift?lang=en&format=html&report=2026-11-23T00-00-00Z');
  });

  it('leaves runs by hand and of other models out of trends, and lists them', () => {
    const { runs } = someData();
    const [first, second, ...rest] = runs;
    if (!first || !second) throw new Error('There must be runs');
    const manual = {
      ...first,
      id: `${first.id}.manual-2026-11-23T09-00-00.000Z`,
      trigger: 'manual' as const,
    };
    const other = { ...second, model: { ...second.model, sha256: 'f'.repeat(64) } };
    const view = describeDrift(
      someData({ runs: [manual, first, other, ...rest] }),
      model.bundle,
      reader,
      '/monitoring/drift',
    );
    expect(view.report?.strip?.runs).toHaveLength(19);
    expect(view.runs.rows).toHaveLength(21);
  });

  it('gives every verdict of the strip a sign and words beside its colour', () => {
    const { report } = describeDrift(someData(), model.bundle, reader, '/monitoring/drift');
    const row = report?.strip?.rows.find(({ label }) => label === 'Credit limit');
    expect(row?.cells[0]).toEqual({ sign: '▲', level: 'attention', words: 'PSI 0.24, Drifted' });
    expect(row?.cells.at(-1)?.sign).toBe('·');
  });

  it('shows a dash where there was no row to compare', () => {
    const inputs = [someInputDrift('age', 0, { productionRows: 0, kolmogorovSmirnov: null })];
    const data = someData({ report: someReport({ inputs }) });
    const subject = describeDrift(data, model.bundle, reader, '/monitoring/drift').report?.subjects[0];
    expect(subject).toMatchObject({ psi: '–', ks: '–', pValue: '–', missing: '–', limits: '0.1 · –' });
  });

  it('says before the first report how to make one by hand, over whole hours', () => {
    const data = someData({ report: null, latestId: null, runs: [] });
    const view = describeDrift(data, model.bundle, reader, '/monitoring/drift');
    expect(view.report).toBeNull();
    expect(view.empty?.command).toBe(
      'npm run drift -- --from 2026-11-22T12:00Z --to 2026-11-23T12:00Z --keep',
    );
  });
});

describe('describeDriftExport', () => {
  it('has all of the report, and links only within itself', () => {
    const data = someData();
    if (!data.report) throw new Error('There must be a report');
    const view = describeDriftExport(data, data.report, model.bundle, reader);
    expect(view.details).toHaveLength(24);
    const links = [
      ...view.subjects.map(({ href }) => href),
      ...(view.strip?.rows.map(({ href }) => href) ?? []),
    ];
    expect(links.every((href) => href?.startsWith('#input-'))).toBe(true);
    expect(view.strip?.runs.every(({ href }) => href === null)).toBe(true);
    expect(view.verdict.items.every(({ link }) => link === null)).toBe(true);
    expect(view.runs.rows.flat().every(({ href }) => href === null)).toBe(true);
  });
});

describe('describeBars', () => {
  it('measures both sides by the largest share of either', () => {
    const input = someInputDrift('sex', 0.003, {
      productionRows: 100,
      referenceRows: 1_000,
      bins: [
        { kind: 'category', category: 'a', reference: 500, production: 20 },
        { kind: 'category', category: 'b', reference: 500, production: 80 },
      ],
    });
    expect(describeBars(input, null, reader)).toMatchObject([
      { referenceLength: '125.0', productionLength: '50.0', difference: '-30' },
      { referenceLength: '125.0', productionLength: '200.0', difference: '+30' },
    ]);
  });
});
