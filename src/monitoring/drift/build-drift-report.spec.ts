import { join } from 'node:path';
import { aDriftWindow, type DecidedRow, readDecidedRows } from '../../../test/factories/drift-window';
import { seededRandom } from '../../../test/factories/seeded-random';
import { ActiveModels, type LoadedModel } from '../../model/active-models';
import { FolderModelRegistry } from '../../model/folder-model-registry';
import { StatisticsError } from '../../statistics/statistics-error';
import { buildDriftReport } from './build-drift-report';
import { type DriftReport, type InputDrift, type UntimedDriftReport } from './drift-report';
import { type ReferenceSample } from './drift-window';
import { loadReferenceSample } from './load-reference-sample';

/** The defaults of the settings. */
const THRESHOLDS = { psi: { moderate: 0.1, major: 0.25 }, falseDiscoveryRate: 0.05, minimumRows: 200 };

interface Case {
  readonly model: LoadedModel;
  readonly referenceSample: ReferenceSample;
  readonly rows: readonly DecidedRow[];
}

let credit: Case;
let german: Case;
beforeAll(async () => {
  const load = async (folder: string): Promise<Omit<Case, 'rows'>> => {
    const model = (await ActiveModels.load(new FolderModelRegistry(folder), undefined)).champion();
    return { model, referenceSample: await loadReferenceSample(model) };
  };
  const [main, fixture] = await Promise.all([load('models'), load(join('test', 'fixtures', 'models'))]);
  credit = { ...main, rows: readDecidedRows(main.model, join('data', 'samples', 'holdout.csv')) };
  const { folder, bundle } = fixture.model;
  german = { ...fixture, rows: readDecidedRows(fixture.model, join(folder, bundle.reference.sample.path)) };
});

function report(
  { model, referenceSample }: Case,
  rows: readonly DecidedRow[],
  thresholds: DriftReport['thresholds'] = THRESHOLDS,
): UntimedDriftReport {
  return buildDriftReport({
    window: aDriftWindow(model, referenceSample, rows),
    bundle: model.bundle,
    identity: model.identity,
    referenceSample,
    thresholds,
    trigger: 'schedule',
    createdAtMs: Date.UTC(2026, 10, 23, 0, 5),
  });
}

const find = ({ inputs }: UntimedDriftReport, name: string): InputDrift | undefined =>
  inputs.find((input) => input.name === name);

const names = (report: UntimedDriftReport, verdict: InputDrift['verdict']): readonly string[] =>
  report.inputs.filter((input) => input.verdict === verdict).map(({ name }) => name);

describe('a drift report on real segments of the hold-out clients', () => {
  it.each([1, 2, 3])('calls a random half stable (seed %d)', (seed) => {
    const random = seededRandom(seed);
    const half = report(
      credit,
      credit.rows.filter(() => random() < 0.5),
    );
    expect(half.verdict).toBe('stable');
    expect(names(half, 'stable')).toHaveLength(24); // 19 inputs, 4 protected attributes, the probability
    expect(half.inputs.map(({ severity }) => severity)).toEqual(new Array(24).fill(null));
  });

  it('finds that only low limits were asked for, and names the limit first among the inputs', () => {
    const low = report(
      credit,
      credit.rows.filter(({ inputs }) => Number(inputs['creditLimit']) <= 50_000),
    );
    expect(low.verdict).toBe('drifted');
    expect(low.inputs.find(({ role }) => role === 'input')).toMatchObject({
      name: 'creditLimit',
      verdict: 'drifted',
      severity: 'major',
    });
    // Two bins of ten hold all rows.
    expect(find(low, 'creditLimit')?.bins.map(({ production }) => production > 0)).toEqual([
      true,
      true,
      ...new Array<boolean>(8).fill(false),
    ]);
    // People with low limits owe more of them: the model answers otherwise, too.
    expect(find(low, 'probability')).toMatchObject({ role: 'probability', verdict: 'drifted' });
    // A shift that is certain (p below 1e-9) but small is no drift.
    expect(find(low, 'sex')).toMatchObject({ role: 'protected', verdict: 'stable', rank: 0 });
    expect(find(low, 'sex')?.adjustedPValue).toBeLessThan(1e-9);
  });

  it('ranks by effect times importance, the probability by its effect', () => {
    const { inputs } = report(credit, credit.rows.slice(0, 1000));
    expect(inputs.map(({ rank }) => rank)).toEqual(inputs.map(({ rank }) => rank).sort((a, b) => b - a));
    for (const { role, rank, psi, importance } of inputs) {
      expect(rank).toBe(role === 'probability' ? psi.value : psi.value * importance);
    }
    expect(inputs.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12);
  });
});

describe('a drift report on a model with missing values and categories', () => {
  /** The reference's own rows; every one after the first `from` has its savings changed. */
  const withSavings = (change: (row: DecidedRow, index: number) => DecidedRow): UntimedDriftReport =>
    report(german, german.rows.map(change));

  it('calls the reference itself stable, with a distance of 0 everywhere', () => {
    const same = withSavings((row) => row);
    expect(same.verdict).toBe('stable');
    for (const { psi, chiSquare, jensenShannon, wasserstein, type } of same.inputs) {
      expect([psi.value, chiSquare.statistic, jensenShannon, wasserstein]).toEqual([
        0,
        0,
        0,
        type === 'number' ? 0 : null,
      ]);
    }
  });

  it('finds that a value is missing more often, which the values alone do not show', () => {
    const more = withSavings((row, index) =>
      index % 3 === 0 ? { ...row, inputs: { ...row.inputs, savingsAtLeast: null } } : row,
    );
    const savings = find(more, 'savingsAtLeast');
    expect(savings?.kolmogorovSmirnov?.pValue).toBeGreaterThan(0.05);
    expect(savings?.pValue).toBe(2 * (savings?.chiSquare.pValue ?? NaN));
    expect(savings).toMatchObject({ verdict: 'drifted', productionRows: 400, referenceRows: 400 });
    expect(names(more, 'drifted')).toEqual(['savingsAtLeast']);
    // 66 of 400 were missing in the bundle's reference; the ranges are its edges 0, 100, 500.
    expect(savings?.bins.map(({ kind, above, upTo, reference }) => [kind, above, upTo, reference])).toEqual([
      ['range', null, 0, 248],
      ['range', 0, 100, 45],
      ['range', 100, 500, 23],
      ['range', 500, null, 18],
      ['missing', undefined, undefined, 66],
    ]);
    expect(savings?.bins.at(-1)?.production).toBe(savings?.missing);
  });

  it('does not compare values when none is left, and still finds the drift', () => {
    const none = withSavings((row) => ({ ...row, inputs: { ...row.inputs, savingsAtLeast: null } }));
    expect(find(none, 'savingsAtLeast')).toMatchObject({
      verdict: 'drifted',
      missing: 400,
      kolmogorovSmirnov: null,
      wasserstein: null,
    });
  });

  it('gives categories that the reference does not know a bin of their own', () => {
    const unseen = withSavings((row, index) =>
      index % 4 === 0 ? { ...row, inputs: { ...row.inputs, housing: 'caravan' } } : row,
    );
    const housing = find(unseen, 'housing');
    expect(housing).toMatchObject({ type: 'category', verdict: 'drifted', unseen: 100 });
    expect(housing?.bins.at(-1)).toEqual({ kind: 'unseen', reference: 0, production: 100 });
    expect(find(unseen, 'purpose')?.bins.map(({ kind }) => kind)).not.toContain('unseen');
  });

  it('judges protected attributes by the rows that have them', () => {
    const some = withSavings(({ protected: attributes, ...row }, index) =>
      index < 150 && attributes ? { ...row, protected: attributes } : row,
    );
    expect(some.verdict).toBe('stable');
    expect(names(some, 'insufficient_data').slice().sort()).toEqual([
      'age',
      'foreignWorker',
      'personalStatus',
    ]);
    expect(find(some, 'age')).toMatchObject({ productionRows: 150, adjustedPValue: null });
  });

  it('shares the importance equally when the bundle tells none', () => {
    const { inputs } = withSavings((row) => row);
    const scored = inputs.filter(({ role }) => role === 'input');
    expect(scored.map(({ importance }) => importance)).toEqual(new Array(17).fill(1 / 17));
  });
});

describe('a drift report on too few rows', () => {
  it('never says stable', () => {
    const few = report(credit, credit.rows.slice(0, 199));
    expect(few.verdict).toBe('insufficient_data');
    expect(names(few, 'insufficient_data')).toHaveLength(24);
    expect(few.inputs.every(({ adjustedPValue }) => adjustedPValue === null)).toBe(true);
  });

  it('can be written down without a row', () => {
    const empty = report(credit, []);
    expect(empty).toMatchObject({ verdict: 'insufficient_data', rows: 0 });
    expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);
  });
});

describe('a drift report', () => {
  it('says what it is about', () => {
    expect(report(credit, credit.rows.slice(0, 300), { ...THRESHOLDS, minimumRows: 300 })).toMatchObject({
      format: 'drift-report/1',
      id: '2026-11-23T00-00-00Z',
      trigger: 'schedule',
      window: { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z', hours: 24 },
      createdAt: '2026-11-23T00:05:00.000Z',
      model: { name: 'credit-default', version: '1.0.0' },
      rows: 300,
      referenceRows: 6000,
      reservoir: null,
      thresholds: { ...THRESHOLDS, minimumRows: 300 },
    });
  });

  it('refuses values that are no numbers instead of calling them stable', () => {
    const { model, referenceSample, rows } = credit;
    const window = aDriftWindow(model, referenceSample, rows.slice(0, 300));
    window.sample.probability[7] = NaN;
    expect(() =>
      buildDriftReport({
        window,
        bundle: model.bundle,
        identity: model.identity,
        referenceSample,
        thresholds: THRESHOLDS,
        trigger: 'schedule',
        createdAtMs: 0,
      }),
    ).toThrow(StatisticsError);
  });
});
