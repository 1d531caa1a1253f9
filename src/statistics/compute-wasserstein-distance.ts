import { checkSortedSample } from './check-sorted-sample';
import { findGreatestCommonDivisor } from './find-greatest-common-divisor';

/**
 * First Wasserstein ("earth mover's") distance: the area between the empirical distribution functions of two samples.
 *
 * Equal to SciPy's `wasserstein_distance`. In the unit of the values; the caller divides by a standard deviation to
 * compare inputs with each other.
 *
 * @param sortedReference ascending, finite, not empty
 * @param sortedProduction ascending, finite, not empty; the same unit
 * @returns 0 or more; 0 only for equal distributions
 * @throws {StatisticsError} a sample that is empty, not ascending, or holds NaN or an infinite value
 *
 * Cost: O(n + m), no allocation. Source: Ramdas, García Trillos and Cuturi (2017), Entropy 19(2):47.
 */
export function computeWassersteinDistance(
  sortedReference: Float64Array,
  sortedProduction: Float64Array,
): number {
  checkSortedSample('sortedReference', sortedReference);
  checkSortedSample('sortedProduction', sortedProduction);
  const referenceRows = sortedReference.length;
  const productionRows = sortedProduction.length;
  // Distances between the functions are counted in whole units of 1 / least common multiple, without rounding.
  const divisor = findGreatestCommonDivisor(referenceRows, productionRows);
  const referenceStep = productionRows / divisor;
  const productionStep = referenceRows / divisor;
  const unitsInOne = referenceStep * referenceRows;

  let area = 0;
  let difference = 0;
  let reference = 0;
  let production = 0;
  let previous = Math.min(sortedReference[0] as number, sortedProduction[0] as number);
  while (reference < referenceRows || production < productionRows) {
    const referenceValue = reference < referenceRows ? (sortedReference[reference] as number) : Infinity;
    const productionValue = production < productionRows ? (sortedProduction[production] as number) : Infinity;
    const value = Math.min(referenceValue, productionValue);
    area += (Math.abs(difference) / unitsInOne) * (value - previous);
    previous = value;
    if (referenceValue <= productionValue) {
      difference += referenceStep;
      reference++;
    } else {
      difference -= productionStep;
      production++;
    }
  }
  return area;
}
