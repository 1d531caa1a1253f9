import { findGreatestCommonDivisor } from './find-greatest-common-divisor';

/** The largest distance between two empirical distribution functions, as the fraction `gap / unitsInOne`. */
export interface LargestGap {
  /** Whole number of units, from 0 to `unitsInOne`. */
  readonly gap: number;
  /** Least common multiple of the two numbers of rows: both distribution functions move in steps of whole units. */
  readonly unitsInOne: number;
}

/**
 * Measures the largest vertical distance between the empirical distribution functions of two samples.
 *
 * Counted in whole units and therefore without any rounding, as long as the least common multiple of the numbers of
 * rows stays below 2^53; beyond, to the precision of float64.
 *
 * @param sortedReference ascending, finite, not empty
 * @param sortedProduction ascending, finite, not empty
 *
 * Cost: O(n + m), no allocation.
 */
export function measureLargestGap(sortedReference: Float64Array, sortedProduction: Float64Array): LargestGap {
  const referenceRows = sortedReference.length;
  const productionRows = sortedProduction.length;
  const divisor = findGreatestCommonDivisor(referenceRows, productionRows);
  const referenceStep = productionRows / divisor;
  const productionStep = referenceRows / divisor;

  let difference = 0;
  let highest = 0;
  let lowest = 0;
  let reference = 0;
  let production = 0;
  // Where one sample ends the difference is largest already: from there on it only returns to 0.
  while (reference < referenceRows && production < productionRows) {
    const referenceValue = sortedReference[reference] as number;
    const productionValue = sortedProduction[production] as number;
    const value = Math.min(referenceValue, productionValue);
    // All rows with this value are passed before looking: between ties there is no distribution function.
    while (reference < referenceRows && (sortedReference[reference] as number) === value) {
      difference += referenceStep;
      reference++;
    }
    while (production < productionRows && (sortedProduction[production] as number) === value) {
      difference -= productionStep;
      production++;
    }
    highest = Math.max(highest, difference);
    lowest = Math.min(lowest, difference);
  }
  return { gap: Math.max(highest, -lowest), unitsInOne: referenceStep * referenceRows };
}
