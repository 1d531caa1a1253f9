import { type ModelIdentity } from '../../model/model-registry';
import { adjustFalseDiscoveryRate } from '../../statistics/adjust-false-discovery-rate';
import { type MonitoredBundle } from '../monitored-model';
import { compareSubject, type DriftSubject, type SubjectComparison } from './compare-subject';
import { computeInputImportance } from './compute-input-importance';
import {
  type DriftReport,
  type DriftSubjectRole,
  type InputDrift,
  type UntimedDriftReport,
} from './drift-report';
import { type DriftWindow, type ReferenceSample } from './drift-window';
import { nameDriftReport } from './name-drift-report';

/** Name of the model's own answer among the subjects of a report. */
const PROBABILITY = 'probability';

const HOUR_MS = 3_600_000;

/** What a report is made of. */
export interface DriftReportParts {
  readonly window: DriftWindow;
  readonly bundle: MonitoredBundle;
  readonly identity: ModelIdentity;
  readonly referenceSample: ReferenceSample;
  readonly thresholds: DriftReport['thresholds'];
  readonly trigger: DriftReport['trigger'];
  readonly createdAtMs: number;
}

/**
 * Compares a window of decisions with the reference of its model: every input, every protected attribute and the
 * probability.
 *
 * Drifted is what is both significant, after Benjamini–Hochberg over all subjects with enough rows, and large (PSI).
 * Too few rows are never called stable.
 *
 * @throws {StatisticsError} values in the window that are not finite
 *
 * Cost: O(n log n) an input for n rows kept of the window; the exact Kolmogorov–Smirnov test up to 10,000 rows adds
 * up to 0.1 s an input.
 */
export function buildDriftReport(parts: DriftReportParts): UntimedDriftReport {
  const { window, bundle, identity, referenceSample, trigger, createdAtMs } = parts;
  const { psi, falseDiscoveryRate, minimumRows } = parts.thresholds;
  const thresholds = { psi: { moderate: psi.moderate, major: psi.major }, falseDiscoveryRate, minimumRows };
  const comparisons = listSubjects(bundle, window, referenceSample).map(compareSubject);
  const inputs = judge(comparisons, thresholds).sort(byRank);
  const isDrifted = inputs.some(({ verdict }) => verdict === 'drifted');
  return {
    format: 'drift-report/1',
    id: nameDriftReport(window.span, trigger, createdAtMs),
    trigger,
    window: {
      from: new Date(window.span.fromMs).toISOString(),
      to: new Date(window.span.toMs).toISOString(),
      hours: (window.span.toMs - window.span.fromMs) / HOUR_MS,
    },
    createdAt: new Date(createdAtMs).toISOString(),
    model: identity,
    verdict: isDrifted ? 'drifted' : window.rows < minimumRows ? 'insufficient_data' : 'stable',
    rows: window.rows,
    referenceRows: bundle.reference.rows,
    reservoir:
      window.sample.rows < window.rows ? { rows: window.sample.rows, seed: window.sample.seed } : null,
    damagedLines: window.damagedLines,
    thresholds,
    inputs,
  };
}

function listSubjects(
  bundle: MonitoredBundle,
  window: DriftWindow,
  referenceSample: ReferenceSample,
): readonly DriftSubject[] {
  const importance = computeInputImportance(bundle);
  const subject = (name: string, role: DriftSubjectRole): DriftSubject => {
    const reference = expectPart(bundle.reference.inputs.get(name), 'reference', name);
    return {
      name,
      role,
      importance: importance.get(name) ?? 0,
      reference,
      production: expectPart(window.inputs.get(name), 'window', name),
      sample:
        'edges' in reference
          ? {
              reference: expectPart(referenceSample.numbers.get(name), 'reference sample', name),
              production: expectPart(window.sample.numbers.get(name), "window's sample", name),
            }
          : null,
    };
  };
  return [
    ...bundle.inputs.map(({ name }) => subject(name, 'input')),
    ...bundle.protectedInputs.map(({ name }) => subject(name, 'protected')),
    {
      name: PROBABILITY,
      role: 'probability',
      importance: 0,
      reference: bundle.reference.probability,
      production: window.probability,
      sample: { reference: referenceSample.probability, production: window.sample.probability },
    },
  ];
}

function expectPart<T>(part: T | undefined, where: string, name: string): T {
  if (part === undefined) throw new RangeError(`buildDriftReport: the ${where} has nothing of ${name}`);
  return part;
}

function judge(
  comparisons: readonly SubjectComparison[],
  { psi, falseDiscoveryRate, minimumRows }: DriftReport['thresholds'],
): InputDrift[] {
  const judgeable = comparisons.filter(({ productionRows }) => productionRows >= minimumRows);
  const adjusted = adjustFalseDiscoveryRate(judgeable.map(({ pValue }) => pValue));
  return comparisons.map((comparison): InputDrift => {
    const adjustedPValue = adjusted[judgeable.indexOf(comparison)] ?? null;
    const { value } = comparison.psi;
    const drifted = adjustedPValue !== null && adjustedPValue <= falseDiscoveryRate && value >= psi.moderate;
    return {
      ...comparison,
      verdict: adjustedPValue === null ? 'insufficient_data' : drifted ? 'drifted' : 'stable',
      severity: drifted ? (value >= psi.major ? 'major' : 'moderate') : null,
      psi: { ...comparison.psi, threshold: psi.moderate },
      adjustedPValue,
      significance: falseDiscoveryRate,
    };
  });
}

/** What is not scored ranks 0: among equals the larger change comes first. */
function byRank(left: InputDrift, right: InputDrift): number {
  return right.rank - left.rank || right.psi.value - left.psi.value;
}
