import { checkCounts } from './check-counts';

/** Up to this relative difference of two shares the terms are computed without cancellation. */
const NEAR = 0.5;

/**
 * Jensen–Shannon distance between the shares of two samples: the square root of the divergence, with logarithms to
 * base 2. A metric. Equal to SciPy's `jensenshannon(…, base=2)`, and more precise where the shares are nearly equal.
 * Nothing is smoothed; bins empty in both samples do not count.
 *
 * @param referenceCounts shape [bins], rows per bin
 * @param productionCounts shape [bins], same bins in the same order
 * @returns unitless, from 0 (equal shares) to 1 (no bin in common)
 * @throws {StatisticsError} unequal lengths, a count that is NaN, infinite, negative or not whole, or a sample of no rows
 *
 * Cost: O(bins). Source: Endres and Schindelin (2003), IEEE Transactions on Information Theory 49:1858–1860.
 */
export function computeJensenShannonDistance(
  referenceCounts: readonly number[],
  productionCounts: readonly number[],
): number {
  const { referenceRows, productionRows } = checkCounts(referenceCounts, productionCounts);
  const divergence = referenceCounts.reduce((sum, referenceCount, bin) => {
    const reference = referenceCount * productionRows;
    const production = (productionCounts[bin] as number) * referenceRows;
    return sum + (reference + production === 0 ? 0 : computeTerm(reference, production));
  }, 0);
  return Math.min(Math.sqrt(divergence / (referenceRows * productionRows * 2 * Math.LN2)), 1);
}

/** p·ln(p / mean) + q·ln(q / mean), 0 or more. */
function computeTerm(p: number, q: number): number {
  const mean = (p + q) / 2;
  const excess = (p - q) / (p + q);
  if (Math.abs(excess) <= NEAR) {
    // The two logarithms almost cancel: (1 + e)·ln(1 + e) + (1 − e)·ln(1 − e), rearranged.
    return mean * (Math.log1p(-excess * excess) + 2 * excess * Math.atanh(excess));
  }
  return (p === 0 ? 0 : p * Math.log(p / mean)) + (q === 0 ? 0 : q * Math.log(q / mean));
}
