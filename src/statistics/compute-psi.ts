import { checkCounts } from './check-counts';

/** Added to every count, so that a bin empty in one sample gives a finite and moderate contribution. */
const SMOOTHING = 0.5;

/**
 * Population stability index: Σ (q − p)·ln(q / p) over bins, the symmetric Kullback–Leibler divergence in nats.
 *
 * Bins empty in both samples are dropped; then half a row is added to every count, and shares are of the totals after
 * that. A single row in a new bin therefore moves the index by hardly anything (below 0.001 from 5,000 rows on).
 *
 * @param referenceCounts shape [bins], rows per bin
 * @param productionCounts shape [bins], same bins in the same order
 * @returns 0 or more, unitless; by custom 0.1 is a shift worth a look and 0.25 a large one
 * @throws {StatisticsError} unequal lengths, a count that is NaN, infinite, negative or not whole, or a sample of no rows
 *
 * Cost: O(bins). Source: Siddiqi (2006), Credit Risk Scorecards, chapter 9.
 */
export function computePsi(referenceCounts: readonly number[], productionCounts: readonly number[]): number {
  const { referenceRows, productionRows } = checkCounts(referenceCounts, productionCounts);
  const used = [...referenceCounts.keys()].filter(
    (bin) => (referenceCounts[bin] as number) + (productionCounts[bin] as number) > 0,
  );
  const referenceTotal = referenceRows + SMOOTHING * used.length;
  const productionTotal = productionRows + SMOOTHING * used.length;
  return used.reduce((sum, bin) => {
    const referenceShare = ((referenceCounts[bin] as number) + SMOOTHING) / referenceTotal;
    const productionShare = ((productionCounts[bin] as number) + SMOOTHING) / productionTotal;
    return sum + (productionShare - referenceShare) * Math.log(productionShare / referenceShare);
  }, 0);
}
