import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { drawSample } from '../../test/fixtures/statistics/draw-sample';
import { computePsi } from './compute-psi';
import { computePsiCriticalValue } from './compute-psi-critical-value';
import { StatisticsError } from './statistics-error';

/** Rows per tenth of [0, 1). */
function countTenths(rows: number, seed: number): number[] {
  const counts = Array<number>(10).fill(0);
  for (const tenth of drawSample({ kind: 'rounded', rows, seed, offset: 0, scale: 10 })) {
    counts[tenth] = (counts[tenth] ?? NaN) + 1;
  }
  return counts;
}

describe('computePsiCriticalValue', () => {
  it.each(readGoldens('distributions').psiCriticalValue)(
    "equals SciPy's chi2.ppf times 1/n + 1/m: $bins bins, $significance",
    ({ bins, referenceRows, productionRows, significance, criticalValue }) => {
      const value = computePsiCriticalValue(bins, referenceRows, productionRows, significance);

      expect(measureRelativeError(value, criticalValue)).toBeLessThanOrEqual(1e-9);
    },
  );

  it('takes a significance of 0.05 unless told', () => {
    expect(computePsiCriticalValue(10, 6_000, 1_000)).toBe(computePsiCriticalValue(10, 6_000, 1_000, 0.05));
  });

  it('is exceeded without drift as often as it says', () => {
    const simulations = 2_000;
    const criticalValue = computePsiCriticalValue(10, 2_000, 500);
    const exceeding = Array.from({ length: simulations }, (_, index) =>
      computePsi(countTenths(2_000, 104_729 * index + 1), countTenths(500, 130_363 * index + 2)),
    ).filter((psi) => psi > criticalValue).length;

    // 5 % of 2,000 within four standard errors (0.49 %) of chance.
    expect(exceeding / simulations).toBeGreaterThan(0.05 - 4 * 0.0049);
    expect(exceeding / simulations).toBeLessThan(0.05 + 4 * 0.0049);
  });

  it.each([
    { bad: [1, 10, 10, 0.05], message: 'bins is not a number of bins; expected a whole number, 2 or more' },
    { bad: [NaN, 10, 10, 0.05], message: 'bins is not a number of bins; expected a whole number, 2 or more' },
    {
      bad: [5, 0, 10, 0.05],
      message: 'referenceRows is not a number of rows; expected a whole number, 1 or more',
    },
    {
      bad: [5, 10, NaN, 0.05],
      message: 'productionRows is not a number of rows; expected a whole number, 1 or more',
    },
    { bad: [5, 10, 10, NaN], message: 'significance is out of range; expected more than 0 and less than 1' },
    { bad: [5, 10, 10, 0], message: 'significance is out of range; expected more than 0 and less than 1' },
    { bad: [5, 10, 10, 1], message: 'significance is out of range; expected more than 0 and less than 1' },
  ])('refuses $bad', ({ bad, message }) => {
    const [bins, referenceRows, productionRows, significance] = bad as [number, number, number, number];

    expect(() => computePsiCriticalValue(bins, referenceRows, productionRows, significance)).toThrow(
      new StatisticsError(message),
    );
  });
});
