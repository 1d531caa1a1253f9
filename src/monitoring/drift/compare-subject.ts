import { type CategoryDistribution, type NumericDistribution } from '../../scoring/reference/reference';
import { computeJensenShannonDistance } from '../../statistics/compute-jensen-shannon-distance';
import { computePsi } from '../../statistics/compute-psi';
import { computePsiCriticalValue } from '../../statistics/compute-psi-critical-value';
import { computeWassersteinDistance } from '../../statistics/compute-wasserstein-distance';
import { sortSample } from '../../statistics/sort-sample';
import { testChiSquare } from '../../statistics/test-chi-square';
import { testKolmogorovSmirnov } from '../../statistics/test-kolmogorov-smirnov';
import { type DriftBin, type InputDrift } from './drift-report';
import { type BinCounts } from './drift-window';

/** One input, protected attribute, or the probability, on both sides. */
export interface DriftSubject {
  readonly name: string;
  readonly role: InputDrift['role'];
  readonly importance: number;
  readonly reference: NumericDistribution | CategoryDistribution;
  readonly production: BinCounts;
  /** Raw values of a number; null for a category. */
  readonly sample: {
    /** Sorted ascending. */
    readonly reference: Float64Array;
    /** In any order. */
    readonly production: Float64Array;
  } | null;
}

/** How far the two sides are apart: everything but what is decided from it. */
export type SubjectComparison = Omit<
  InputDrift,
  'verdict' | 'severity' | 'adjustedPValue' | 'significance' | 'psi'
> & { readonly psi: Omit<InputDrift['psi'], 'threshold'> };

/** What stands for the statistics of counts when there is no row: the number of rows says that they mean nothing. */
const WITHOUT_ROWS = {
  psi: { value: 0, critical: 0 },
  chiSquare: { statistic: 0, degreesOfFreedom: 0, pValue: 1, bins: 0 },
  jensenShannon: 0,
} as const;

/**
 * Compares the window's values of one subject with the frozen reference.
 *
 * A number is tested twice, which a single p-value must pay for: chi-square finds what the values alone do not
 * show, such as a share of missing ones that rose, and Kolmogorov–Smirnov what happens inside the bins.
 *
 * @throws {StatisticsError} a value that is not finite, or counts that are none
 *
 * Cost: O(n log n) for sorting the window's values, and the cost of the tests.
 */
export function compareSubject(subject: DriftSubject): SubjectComparison {
  const { name, role, importance, reference, production } = subject;
  const bins = listBins(reference, production);
  const productionRows = bins.reduce((sum, bin) => sum + bin.production, 0);
  const referenceRows = bins.reduce((sum, bin) => sum + bin.reference, 0);
  const counted = productionRows > 0 ? compareCounts(bins, referenceRows, productionRows) : WITHOUT_ROWS;
  const values = compareValues(subject);
  const { chiSquare } = counted;
  const { kolmogorovSmirnov } = values;
  const pValue = kolmogorovSmirnov
    ? Math.min(1, 2 * Math.min(kolmogorovSmirnov.pValue, chiSquare.pValue))
    : chiSquare.pValue;
  return {
    name,
    role,
    type: 'edges' in reference ? 'number' : 'category',
    productionRows,
    referenceRows,
    missing: production.missing,
    unseen: production.unseen,
    outOfRange: production.outOfRange,
    ...counted,
    ...values,
    pValue,
    importance,
    rank: role === 'probability' ? counted.psi.value : counted.psi.value * importance,
    bins,
  };
}

function compareCounts(
  bins: readonly DriftBin[],
  referenceRows: number,
  productionRows: number,
): Pick<SubjectComparison, 'psi' | 'chiSquare' | 'jensenShannon'> {
  const reference = bins.map((bin) => bin.reference);
  const production = bins.map((bin) => bin.production);
  const filled = bins.filter((bin) => bin.reference + bin.production > 0).length;
  return {
    psi: {
      value: computePsi(reference, production),
      critical: filled > 1 ? computePsiCriticalValue(filled, referenceRows, productionRows) : 0,
    },
    chiSquare: testChiSquare(reference, production),
    jensenShannon: computeJensenShannonDistance(reference, production),
  };
}

function compareValues({
  sample,
  reference,
}: DriftSubject): Pick<SubjectComparison, 'kolmogorovSmirnov' | 'wasserstein'> {
  if (!sample || !('edges' in reference) || sample.reference.length === 0 || sample.production.length === 0) {
    return { kolmogorovSmirnov: null, wasserstein: null };
  }
  const sorted = sortSample(sample.production);
  const { standardDeviation } = reference;
  return {
    kolmogorovSmirnov: testKolmogorovSmirnov(sample.reference, sorted),
    wasserstein:
      standardDeviation > 0 ? computeWassersteinDistance(sample.reference, sorted) / standardDeviation : null,
  };
}

/** The frozen bins, and behind them one each for missing and unseen where either side has some. */
function listBins(
  reference: NumericDistribution | CategoryDistribution,
  { bins, missing, unseen }: BinCounts,
): readonly DriftBin[] {
  if (bins.length !== reference.counts.length) {
    throw new RangeError(
      `compareSubject: expected ${reference.counts.length} counts, one per bin, found ${bins.length}`,
    );
  }
  const frozen = reference.counts.map((count, index): DriftBin => {
    const rows = { reference: count, production: bins[index] ?? 0 };
    return 'edges' in reference
      ? {
          kind: 'range',
          above: reference.edges[index - 1] ?? null,
          upTo: reference.edges[index] ?? null,
          ...rows,
        }
      : { kind: 'category', category: reference.categories[index] ?? '', ...rows };
  });
  const besides: readonly DriftBin[] = [
    { kind: 'missing', reference: reference.missing, production: missing },
    { kind: 'unseen', reference: 0, production: unseen },
  ];
  return [...frozen, ...besides.filter((bin) => bin.reference + bin.production > 0)];
}
