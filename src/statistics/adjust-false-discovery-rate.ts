import { StatisticsError } from './statistics-error';

/**
 * Adjusts p-values for being many, by Benjamini and Hochberg: among the tests whose adjusted p-value is at most q, the
 * expected share of false alarms is at most q (tests independent or positively dependent).
 *
 * Equal to SciPy's `false_discovery_control`.
 *
 * @param pValues each in [0, 1]; none at all gives none
 * @returns adjusted p-values in the order of the input, each in [0, 1] and at least as large as its p-value
 * @throws {StatisticsError} a p-value that is NaN or outside [0, 1]
 *
 * Cost: O(k·log k). Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289–300.
 */
export function adjustFalseDiscoveryRate(pValues: readonly number[]): number[] {
  // By index: iterating would pass over the holes of a sparse array.
  for (let index = 0; index < pValues.length; index++) {
    const pValue = pValues[index];
    if (pValue === undefined || !(pValue >= 0 && pValue <= 1)) {
      throw new StatisticsError(`pValues[${index}] is not a probability; expected a number from 0 to 1`);
    }
  }
  const largestFirst = [...pValues.keys()].sort((a, b) => (pValues[b] as number) - (pValues[a] as number));
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  for (const [place, index] of largestFirst.entries()) {
    const rank = pValues.length - place;
    least = Math.min(least, (pValues[index] as number) * (pValues.length / rank));
    adjusted[index] = least;
  }
  return adjusted;
}
