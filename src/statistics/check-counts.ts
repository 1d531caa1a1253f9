import { StatisticsError } from './statistics-error';

/** How many rows the two samples have. */
export interface RowTotals {
  readonly referenceRows: number;
  readonly productionRows: number;
}

/**
 * Lets rows per bin of two samples pass, and adds them up.
 *
 * Whole numbers are demanded because shares would be taken for samples of one row, and any test on them finds nothing.
 *
 * @param referenceCounts shape [bins], rows per bin
 * @param productionCounts shape [bins], same bins in the same order
 * @throws {StatisticsError} unequal lengths, a count that is NaN, infinite, negative or not whole, or a sample of no rows
 *
 * Cost: O(bins).
 */
export function checkCounts(
  referenceCounts: readonly number[],
  productionCounts: readonly number[],
): RowTotals {
  if (referenceCounts.length !== productionCounts.length) {
    throw new StatisticsError(
      `referenceCounts has ${referenceCounts.length} bins and productionCounts ${productionCounts.length}; ` +
        'expected the same bins',
    );
  }
  return {
    referenceRows: sumCounts('referenceCounts', referenceCounts),
    productionRows: sumCounts('productionCounts', productionCounts),
  };
}

function sumCounts(argument: string, counts: readonly number[]): number {
  let rows = 0;
  // By index: iterating would pass over the holes of a sparse array.
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin];
    if (count === undefined || !Number.isSafeInteger(count) || count < 0) {
      throw new StatisticsError(
        `${argument}[${bin}] is not a count; expected a whole number of rows, 0 or more`,
      );
    }
    rows += count;
  }
  if (rows === 0) {
    throw new StatisticsError(`${argument} is empty; expected at least one row in some bin`);
  }
  return rows;
}
