import { StatisticsError } from './statistics-error';

/**
 * Lets a sample pass that is not empty, finite and in ascending order (equal values may repeat).
 *
 * @param argument name of the argument, for the message
 * @throws {StatisticsError} empty, NaN, infinite, or not ascending
 *
 * Cost: O(n), one comparison a value.
 */
export function checkSortedSample(argument: string, sample: Float64Array): void {
  const last = sample.length - 1;
  if (last < 0) {
    throw new StatisticsError(`${argument} is empty; expected at least one value`);
  }
  // In ascending order only the ends can be infinite, and no comparison with NaN is true.
  if (!Number.isFinite(sample[0])) {
    throw new StatisticsError(`${argument}[0] is not a finite number; leave missing values out`);
  }
  for (let index = 0; index < last; index++) {
    if (!((sample[index] as number) <= (sample[index + 1] as number))) {
      throw new StatisticsError(
        `${argument}[${index + 1}] is NaN or less than the value before it; expected ascending finite numbers`,
      );
    }
  }
  if (!Number.isFinite(sample[last])) {
    throw new StatisticsError(`${argument}[${last}] is not a finite number; leave missing values out`);
  }
}
