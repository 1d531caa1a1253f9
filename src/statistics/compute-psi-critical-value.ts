import { checkRows } from './check-rows';
import { computeChiSquareQuantile } from './compute-chi-square-quantile';
import { StatisticsError } from './statistics-error';

/**
 * The population stability index that two samples of one distribution exceed with probability `significance`.
 *
 * Without drift the index is about chi-square distributed with bins − 1 degrees of freedom, times 1/n + 1/m: the fixed
 * thresholds 0.1 and 0.25 are far too lax for large samples and too strict for small ones.
 *
 * @param bins whole, at least 2
 * @param referenceRows n, whole, at least 1
 * @param productionRows m, whole, at least 1
 * @param significance greater than 0 and less than 1
 * @returns greater than 0, in the unit of `computePsi`
 * @throws {StatisticsError} an argument that is NaN or out of range
 *
 * Source: Yurdakul and Naranjo (2020), Journal of Risk Model Validation 14(4).
 */
export function computePsiCriticalValue(
  bins: number,
  referenceRows: number,
  productionRows: number,
  significance = 0.05,
): number {
  if (!Number.isSafeInteger(bins) || bins < 2) {
    throw new StatisticsError('bins is not a number of bins; expected a whole number, 2 or more');
  }
  checkRows('referenceRows', referenceRows);
  checkRows('productionRows', productionRows);
  if (!(significance > 0 && significance < 1)) {
    throw new StatisticsError('significance is out of range; expected more than 0 and less than 1');
  }
  return computeChiSquareQuantile(1 - significance, bins - 1) * (1 / referenceRows + 1 / productionRows);
}
