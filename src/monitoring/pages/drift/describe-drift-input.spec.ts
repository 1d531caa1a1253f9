import { loadModel } from '../../../../test/factories/decided-log';
import { someInputDrift, someReport, someReports } from '../../../../test/factories/drift-report';
import { type LoadedModel } from '../../../model/active-models';
import { type DriftReport } from '../../drift/drift-report';
import { readerOf } from '../reader';
import { describeDriftInput } from './describe-drift-input';
import { type DriftInputData, type DriftPoint } from './drift-data';

const reader = readerOf('en');
let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});

function pointOf({ id, window, inputs }: DriftReport, name: string): DriftPoint {
  const input = inputs.find((one) => one.name === name);
  if (!input) throw new Error(`The report has nothing of ${name}`);
  const { verdict, severity, psi, kolmogorovSmirnov, adjustedPValue, productionRows: rows } = input;
  return { id, window, verdict, severity, psi, kolmogorovSmirnov, adjustedPValue, rows };
}

function someData(name: string, differences: Partial<DriftInputData> = {}): DriftInputData {
  const reports = someReports(model, 20);
  const [latest = someReport()] = reports;
  const { bundle } = model;
  return {
    name,
    definition: [...bundle.inputs, ...bundle.protectedInputs].find((input) => input.name === name) ?? null,
    protected: bundle.protectedInputs.some((input) => input.name === name),
    report: latest,
    latestId: latest.id,
    subject: latest.inputs.find((input) => input.name === name) ?? null,
    history: reports.map((report) => pointOf(report, name)).reverse(),
    ...differences,
  };
}

const describeInput = (data: DriftInputData) =>
  describeDriftInput(data, model.bundle, reader, `/monitoring/drift/${data.name}`);

describe('describeDriftInput', () => {
  it('draws both sides as shares of their own rows, and names both numbers', () => {
    const { found } = describeInput(someData('creditLimit'));
    const [reference, production] = found?.distribution.spec.series ?? [];
    expect(reference?.label).toBe('Reference (n = 6,000)');
    // 805 of 6,000: model.json, reference.inputs.creditLimit.
    expect(reference?.values[0]).toBe(805 / 6_000);
    expect(production?.label).toBe('Production (n = 9,870)');
    expect(found?.distribution.table.rows[0]?.map(({ text }) => text).slice(0, 3)).toEqual([
      '≤ 30,000',
      '805',
      '13.4%',
    ]);
    expect(found?.distribution.table.csv).toBe('/monitoring/api/drift/creditLimit?format=csv&table=bins');
  });

  it('names every statistic with its threshold, p, method and rows', () => {
    const { found } = describeInput(someData('creditLimit'));
    const rows = found?.statistics.rows.map((cells) => cells.map(({ text }) => text)) ?? [];
    expect(rows.map(([name]) => name)).toEqual([
      'Population stability index',
      'Kolmogorov–Smirnov',
      'Chi-square',
      'p after correction',
      'Wasserstein distance',
      'Jensen–Shannon distance',
    ]);
    expect(rows[0]?.slice(2, 7)).toEqual(['0.1 / 0.25', '–', expect.any(String), '9,870', '6,000']);
    expect(rows[1]?.slice(2, 7)).toEqual(['0.022 (5%)', '< 0.0001', 'asymptotic', '9,870', '6,000']);
  });

  it('leaves out what a category does not have', () => {
    const { found } = describeInput(someData('sex'));
    expect(found?.statistics.rows).toHaveLength(4);
    expect(found?.history.map(({ id }) => id)).toEqual(['psi-history']);
    expect(found?.tiles.map(({ label }) => label)).toContain('Unseen');
  });

  it('draws the history with its thresholds, the newest run first in the table', () => {
    const { found } = describeInput(someData('creditLimit'));
    const [psi, ks] = found?.history ?? [];
    expect(psi?.spec.lines.map(({ value }) => value)).toEqual([0.1, 0.25]);
    expect(psi?.spec.labels).toHaveLength(20);
    expect(psi?.table.rows[0]?.[0]).toMatchObject({
      text: '23 Nov 2026, 00:00 UTC',
      href: '/monitoring/drift/creditLimit?report=2026-11-23T00-00-00Z',
    });
    expect(ks?.spec.series[1]?.dashed).toBe(true);
  });

  it('draws the major threshold only where values come near it', () => {
    const [psi] = describeInput(someData('billAmount1')).found?.history ?? [];
    expect(psi?.spec.lines.map(({ value }) => value)).toEqual([0.1]);
  });

  it('says that values of an unscored attribute drifted, and not how much they weigh', () => {
    const subject = someInputDrift('sex', 0.3, { role: 'protected', importance: 0 });
    const { found, definition } = describeInput(someData('sex', { subject }));
    expect(found?.verdict.level).toBe('critical');
    expect(found?.verdict.items.map(({ sentence }) => sentence).join()).toContain('fairness');
    expect(found?.tiles.at(-1)).toMatchObject({ value: '–', note: 'not scored' });
    expect(definition.map(({ cell }) => cell.text)).toContain('Protected attribute: recorded, never scored');
  });

  it('shows no statistics of an input that nobody sent', () => {
    const subject = someInputDrift('age', 0, {
      verdict: 'insufficient_data',
      productionRows: 0,
      adjustedPValue: null,
    });
    const { found } = describeInput(someData('age', { subject }));
    expect(found?.verdict).toMatchObject({ level: 'unknown', title: 'Age: too few decisions to judge' });
    expect(found?.statistics.rows).toEqual([]);
    expect(found?.tiles[0]?.value).toBe('–');
  });

  it('leads back to the report it belongs to', () => {
    expect(describeInput(someData('sex')).back).toBe('/monitoring/drift');
    const old = someData('sex', { latestId: '2026-11-24T00-00-00Z' });
    expect(describeInput(old).back).toBe('/monitoring/drift?report=2026-11-23T00-00-00Z');
    expect(describeInput(old).found?.verdict.items.at(-1)?.link?.href).toBe('/monitoring/drift/sex');
  });

  it('describes an input before the first report', () => {
    const data = someData('creditLimit', { report: null, latestId: null, subject: null, history: [] });
    const { found, definition } = describeInput(data);
    expect(found).toBeNull();
    expect(definition.map(({ cell }) => cell.text)).toContain('1,000 – 10,000,000; must be given');
  });
});
