import { checkCounts } from './check-counts';
import { computeChiSquareSurvival } from './compute-chi-square-survival';

/** Below this many expected rows in a bin the statistic no longer follows a chi-square distribution (Cochran 1954). */
const FEWEST_EXPECTED_ROWS = 5;

/** Result of the two-sample chi-square test of homogeneity. */
export interface ChiSquareTest {
  /** Pearson's statistic, 0 or more. */
  readonly statistic: number;
  /** Bins after pooling, less one. */
  readonly degreesOfFreedom: number;
  /** Probability of a statistic at least as large when both samples come from one distribution. */
  readonly pValue: number;
  /** Bins after pooling. */
  readonly bins: number;
}

/** Rows of both samples in one bin. */
interface Bin {
  readonly reference: number;
  readonly production: number;
}

/**
 * Two-sample chi-square test of homogeneity on frozen bins, without continuity correction.
 *
 * Before the test, bins empty in both samples are dropped, and all bins in which either sample can expect fewer than 5
 * rows are pooled into one; if that one still falls short it is merged with the smallest other bin (by rows of both
 * samples; of equals the first). With fewer than two bins left there is nothing to compare: statistic 0, p-value 1.
 *
 * @param referenceCounts shape [bins], rows per bin
 * @param productionCounts shape [bins], same bins in the same order
 * @throws {StatisticsError} unequal lengths, a count that is NaN, infinite, negative or not whole, or a sample of no rows
 *
 * Cost: O(bins). Source: Pearson (1911), Biometrika 8:250–254.
 */
export function testChiSquare(
  referenceCounts: readonly number[],
  productionCounts: readonly number[],
): ChiSquareTest {
  const { referenceRows, productionRows } = checkCounts(referenceCounts, productionCounts);
  const bins = referenceCounts.map((reference, index): Bin => ({
    reference,
    production: productionCounts[index] as number,
  }));
  const smallerShare = Math.min(referenceRows, productionRows) / (referenceRows + productionRows);
  const pooled = poolBins(bins, FEWEST_EXPECTED_ROWS / smallerShare);
  const degreesOfFreedom = pooled.length - 1;
  if (degreesOfFreedom < 1) {
    return { statistic: 0, degreesOfFreedom: 0, pValue: 1, bins: pooled.length };
  }
  // Pearson's Σ (observed − expected)² / expected over both samples, with the totals multiplied out.
  const statistic = pooled.reduce((sum, { reference, production }) => {
    const difference = reference * productionRows - production * referenceRows;
    return sum + ((difference / referenceRows) * (difference / productionRows)) / (reference + production);
  }, 0);
  return {
    statistic,
    degreesOfFreedom,
    pValue: computeChiSquareSurvival(statistic, degreesOfFreedom),
    bins: pooled.length,
  };
}

/** Pools the bins that hold fewer rows of both samples together than `fewestRows`. */
function poolBins(bins: readonly Bin[], fewestRows: number): Bin[] {
  const large = bins.filter((bin) => countRows(bin) >= fewestRows);
  const rest = bins
    .filter((bin) => countRows(bin) < fewestRows)
    .reduce(merge, { reference: 0, production: 0 });
  if (countRows(rest) === 0) {
    return large;
  }
  const smallest = large.reduce<Bin | undefined>(
    (least, bin) => (least === undefined || countRows(bin) < countRows(least) ? bin : least),
    undefined,
  );
  if (countRows(rest) >= fewestRows || smallest === undefined) {
    return [...large, rest];
  }
  return [...large.filter((bin) => bin !== smallest), merge(smallest, rest)];
}

function merge(one: Bin, other: Bin): Bin {
  return {
    reference: one.reference + other.reference,
    production: one.production + other.production,
  };
}

function countRows({ reference, production }: Bin): number {
  return reference + production;
}
