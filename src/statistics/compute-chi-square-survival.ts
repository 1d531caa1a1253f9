import { computeRegularizedGamma } from './compute-regularized-gamma';
import { StatisticsError } from './statistics-error';

/**
 * P(X ≥ statistic) of a chi-square distribution.
 *
 * @param statistic 0 or more
 * @param degreesOfFreedom greater than 0
 * @returns probability in [0, 1], relative precision about 1e-13 down to 1e-300
 * @throws {StatisticsError} an argument that is NaN, infinite or out of range
 *
 * Cost: O(√degreesOfFreedom).
 */
export function computeChiSquareSurvival(statistic: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(statistic) || statistic < 0) {
    throw new StatisticsError('statistic is not a chi-square; expected a finite number, 0 or more');
  }
  if (!Number.isFinite(degreesOfFreedom) || degreesOfFreedom <= 0) {
    throw new StatisticsError('degreesOfFreedom is out of range; expected a finite number greater than 0');
  }
  return computeRegularizedGamma(degreesOfFreedom / 2, statistic / 2).upper;
}
