import { computeRegularizedGamma } from './compute-regularized-gamma';
import { StatisticsError } from './statistics-error';

/**
 * The value that a chi-square distribution stays below with the given probability.
 *
 * @param probability greater than 0 and less than 1
 * @param degreesOfFreedom greater than 0
 * @returns 0 or more; relative precision about 1e-13, limited in the far upper tail by that of 1 − probability
 * @throws {StatisticsError} an argument that is NaN, infinite or out of range
 *
 * Cost: bisection, about 60 evaluations of the distribution.
 */
export function computeChiSquareQuantile(probability: number, degreesOfFreedom: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new StatisticsError('probability is out of range; expected more than 0 and less than 1');
  }
  if (!Number.isFinite(degreesOfFreedom) || degreesOfFreedom <= 0) {
    throw new StatisticsError('degreesOfFreedom is out of range; expected a finite number greater than 0');
  }
  // The smaller tail is the precise one.
  const isAbove =
    probability < 0.5
      ? (x: number): boolean => computeRegularizedGamma(degreesOfFreedom / 2, x / 2).lower > probability
      : (x: number): boolean => computeRegularizedGamma(degreesOfFreedom / 2, x / 2).upper < 1 - probability;

  let below = 0;
  let above = degreesOfFreedom;
  while (!isAbove(above)) {
    below = above;
    above *= 2;
  }
  for (;;) {
    const middle = below + (above - below) / 2;
    if (middle <= below || middle >= above) {
      return middle; // neighbours in float64
    }
    if (isAbove(middle)) {
      above = middle;
    } else {
      below = middle;
    }
  }
}
