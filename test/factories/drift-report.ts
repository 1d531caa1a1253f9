import { type LoadedModel } from '../../src/model/active-models';
import {
  type DriftBin,
  type DriftReport,
  type DriftRun,
  type DriftVerdict,
  type InputDrift,
} from '../../src/monitoring/drift/drift-report';
import { type Bundle } from '../../src/scoring/bundle/bundle';
import { type CategoryDistribution } from '../../src/scoring/reference/reference';
import { computePsi } from '../../src/statistics/compute-psi';
import { MODEL, NOW_MS } from './monitoring';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** An input's comparison, by its PSI. */
export function someInputDrift(name: string, psi: number, differences: Partial<InputDrift> = {}): InputDrift {
  const drifted = psi >= 0.1;
  return {
    name,
    role: 'input',
    type: 'number',
    verdict: drifted ? 'drifted' : 'stable',
    severity: drifted ? (psi >= 0.25 ? 'major' : 'moderate') : null,
    productionRows: 9_870,
    referenceRows: 6_000,
    missing: 0,
    unseen: 0,
    outOfRange: 3,
    psi: { value: psi, threshold: 0.1, critical: 0.0045 },
    kolmogorovSmirnov: {
      statistic: Math.sqrt(psi) / 3,
      pValue: drifted ? 1.2e-14 : 0.43,
      method: 'asymptotic',
      referenceRows: 6_000,
      productionRows: 9_870,
    },
    chiSquare: { statistic: psi * 3_700, degreesOfFreedom: 9, pValue: drifted ? 3e-12 : 0.51, bins: 10 },
    wasserstein: psi * 1.4,
    jensenShannon: Math.sqrt(psi) / 4,
    pValue: drifted ? 2.4e-14 : 0.86,
    adjustedPValue: drifted ? 4.8e-13 : 0.91,
    significance: 0.05,
    importance: 0.08,
    rank: psi * 0.08,
    bins: [
      { kind: 'range', above: null, upTo: 50_000, reference: 1_511, production: 2_950 },
      { kind: 'range', above: 50_000, upTo: 140_000, reference: 1_489, production: 2_720 },
      { kind: 'range', above: 140_000, upTo: 240_000, reference: 1_502, production: 2_200 },
      { kind: 'range', above: 240_000, upTo: null, reference: 1_498, production: 2_000 },
    ],
    ...differences,
  };
}

/** A report in which two inputs have drifted. */
export function someReport(differences: Partial<DriftReport> = {}): DriftReport {
  return {
    format: 'drift-report/1',
    id: '2026-11-23T00-00-00Z',
    trigger: 'schedule',
    window: { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z', hours: 24 },
    createdAt: '2026-11-23T00:05:01.412Z',
    durationMs: 812,
    model: MODEL,
    verdict: 'drifted',
    rows: 9_870,
    referenceRows: 6_000,
    reservoir: null,
    damagedLines: 0,
    thresholds: { psi: { moderate: 0.1, major: 0.25 }, falseDiscoveryRate: 0.05, minimumRows: 200 },
    inputs: [
      someInputDrift('creditLimit', 0.31),
      someInputDrift('probability', 0.12, { role: 'probability', rank: 0.12 }),
      someInputDrift('billAmount1', 0.02),
      someInputDrift('repaymentStatus1', 0.011),
      someInputDrift('paymentAmount3', 0.006),
      someInputDrift('sex', 0.003, {
        role: 'protected',
        type: 'category',
        kolmogorovSmirnov: null,
        wasserstein: null,
        importance: 0,
        rank: 0,
        bins: [
          { kind: 'category', category: 'female', reference: 3_659, production: 6_050 },
          { kind: 'category', category: 'male', reference: 2_341, production: 3_820 },
        ],
      }),
      someInputDrift('age', 0, {
        role: 'protected',
        verdict: 'insufficient_data',
        productionRows: 120,
        adjustedPValue: null,
        importance: 0,
        rank: 0,
      }),
    ],
    ...differences,
  };
}

/** The line of a report in the history. */
export function runOf(report: DriftReport): DriftRun {
  const { id, trigger, window, createdAt, model, verdict, rows, inputs } = report;
  const byName = <T>(value: (input: InputDrift) => T): Record<string, T> =>
    Object.fromEntries(inputs.map((input) => [input.name, value(input)]));
  return {
    id,
    trigger,
    window,
    createdAt,
    model,
    verdict,
    rows,
    drifted: inputs.filter((input) => input.verdict === 'drifted').map((input) => input.name),
    psi: byName((input) => input.psi.value),
    verdicts: byName((input): DriftVerdict => input.verdict),
  };
}

/**
 * Daily reports on all inputs of a model, newest first, the latest of which ends on the day of `NOW_MS`: a share
 * of the first input's rows moves from its upper half to its lower one, more from day to day.
 */
export function someReports(
  { bundle, identity }: Pick<LoadedModel, 'bundle' | 'identity'>,
  days: number,
): readonly DriftReport[] {
  return Array.from({ length: days }, (_, age) => {
    const toMs = Math.floor(NOW_MS / DAY_MS) * DAY_MS - age * DAY_MS;
    const moved = Math.max(0, 0.5 - age * 0.06);
    const inputs = [
      ...bundle.inputs.map(({ name }, index) =>
        someSubject(
          name,
          'input',
          bundle.reference.inputs.get(name),
          index === 0 ? moved : 0.02,
          index + age,
        ),
      ),
      ...bundle.protectedInputs.map(({ name }, index) =>
        someSubject(name, 'protected', bundle.reference.inputs.get(name), 0.01, index * age),
      ),
      someSubject('probability', 'probability', bundle.reference.probability, moved / 2.2, age),
    ].sort((left, right) => right.rank - left.rank || right.psi.value - left.psi.value);
    const drifted = inputs.some(({ verdict }) => verdict === 'drifted');
    return someReport({
      id: new Date(toMs).toISOString().replace(/\.\d+/, '').replaceAll(':', '-'),
      window: {
        from: new Date(toMs - DAY_MS).toISOString(),
        to: new Date(toMs).toISOString(),
        hours: 24,
      },
      createdAt: new Date(toMs + 5 * MINUTE_MS + 1_412).toISOString(),
      model: identity,
      verdict: drifted ? 'drifted' : 'stable',
      inputs,
    });
  });
}

/** One subject of which a share of the rows has moved from the upper half of the bins to the lower one. */
function someSubject(
  name: string,
  role: InputDrift['role'],
  reference: Bundle['reference']['probability'] | CategoryDistribution | undefined,
  moved: number,
  noise: number,
): InputDrift {
  if (reference === undefined) throw new Error(`The bundle has no reference of ${name}`);
  const rows = 9_870;
  const half = reference.counts.length / 2;
  const total = reference.counts.reduce((sum, count) => sum + count, 0);
  const upper = reference.counts.filter((_, bin) => bin >= half).reduce((sum, count) => sum + count, 0);
  const bins = reference.counts.map((count, bin): DriftBin => {
    const share = count / total;
    const shifted =
      bin >= half ? share * (1 - moved) : share * (1 + (moved * upper) / Math.max(1, total - upper));
    const counts = { reference: count, production: Math.round(rows * shifted) + ((bin + noise) % 5) };
    return 'edges' in reference
      ? {
          kind: 'range',
          above: reference.edges[bin - 1] ?? null,
          upTo: reference.edges[bin] ?? null,
          ...counts,
        }
      : { kind: 'category', category: reference.categories[bin] ?? '', ...counts };
  });
  const psi = computePsi(
    bins.map((bin) => bin.reference),
    bins.map((bin) => bin.production),
  );
  const category = 'categories' in reference;
  const importance = role === 'input' ? 0.05 : 0;
  return someInputDrift(name, psi, {
    role,
    type: category ? 'category' : 'number',
    ...(category && { kolmogorovSmirnov: null, wasserstein: null }),
    referenceRows: total,
    importance,
    rank: role === 'probability' ? psi : psi * importance,
    bins,
  });
}
