import * as fc from 'fast-check';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { computeChiSquareQuantile } from './compute-chi-square-quantile';
import { computeChiSquareSurvival } from './compute-chi-square-survival';
import { computeKolmogorovSurvival } from './compute-kolmogorov-survival';
import { StatisticsError } from './statistics-error';

const { kolmogorov, chiSquare, chiSquareQuantile } = readGoldens('distributions');
const freedoms = fc.integer({ min: 1, max: 500 });

describe('computeKolmogorovSurvival', () => {
  it.each(kolmogorov)("equals SciPy's kstwo.sf: $rows rows, $distance", ({ rows, distance, pValue }) => {
    expect(measureRelativeError(computeKolmogorovSurvival(distance, rows), pValue)).toBeLessThanOrEqual(1e-9);
  });

  it('falls from 1 to 0, also where one method takes over from another', () => {
    // At the seams the methods differ by less than the seventh digit.
    const seam = 2e-7;
    const distances = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), distances, distances, (rows, one, two) => {
        const nearer = computeKolmogorovSurvival(Math.min(one, two), rows);
        const farther = computeKolmogorovSurvival(Math.max(one, two), rows);
        expect(farther).toBeGreaterThanOrEqual(0);
        expect(nearer).toBeLessThanOrEqual(1);
        expect(farther).toBeLessThanOrEqual(nearer + seam);
      }),
    );
  });

  it.each([
    { distance: -1, rows: 10, expected: 1 },
    { distance: 0, rows: 10, expected: 1 },
    { distance: 0.05, rows: 10, expected: 1 },
    { distance: 1, rows: 10, expected: 0 },
    { distance: 2, rows: 1, expected: 0 },
    { distance: 0.2, rows: 1_000_000, expected: 0 },
    { distance: 2e-6, rows: 1_000_000, expected: 1 },
  ])('is $expected at $distance of $rows rows', ({ distance, rows, expected }) => {
    expect(computeKolmogorovSurvival(distance, rows)).toBe(expected);
  });

  it.each([
    [NaN, 10],
    [Infinity, 10],
    [0.5, NaN],
    [0.5, 0],
    [0.5, 2.5],
  ])('refuses a distance of %p at %p rows', (distance, rows) => {
    expect(() => computeKolmogorovSurvival(distance, rows)).toThrow(StatisticsError);
  });
});

describe('computeChiSquareSurvival', () => {
  it.each(chiSquare)(
    "equals mpmath's gammainc with 60 digits: $degreesOfFreedom degrees, $statistic",
    ({ degreesOfFreedom, statistic, pValue }) => {
      const survival = computeChiSquareSurvival(statistic, degreesOfFreedom);

      expect(measureRelativeError(survival, pValue)).toBeLessThanOrEqual(1e-9);
    },
  );

  it('falls from 1', () => {
    const statistics = fc.double({ min: 0, max: 2_000, noNaN: true });
    fc.assert(
      fc.property(statistics, statistics, freedoms, (one, two, degreesOfFreedom) => {
        const nearer = computeChiSquareSurvival(Math.min(one, two), degreesOfFreedom);
        const farther = computeChiSquareSurvival(Math.max(one, two), degreesOfFreedom);
        return farther <= nearer * (1 + 1e-12) && nearer <= 1 && farther >= 0;
      }),
    );
    expect(computeChiSquareSurvival(0, 3)).toBe(1);
  });

  it.each([
    [NaN, 1],
    [Infinity, 1],
    [-1, 1],
    [1, NaN],
    [1, 0],
    [1, Infinity],
  ])('refuses a statistic of %p at %p degrees of freedom', (statistic, degreesOfFreedom) => {
    expect(() => computeChiSquareSurvival(statistic, degreesOfFreedom)).toThrow(StatisticsError);
  });
});

describe('computeChiSquareQuantile', () => {
  it.each(chiSquareQuantile)(
    "equals SciPy's chi2.ppf: $probability at $degreesOfFreedom degrees",
    ({ degreesOfFreedom, probability, quantile }) => {
      const ours = computeChiSquareQuantile(probability, degreesOfFreedom);

      expect(measureRelativeError(ours, quantile)).toBeLessThanOrEqual(1e-9);
    },
  );

  it('is undone by the survival function', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        freedoms,
        (probability, degreesOfFreedom) => {
          const quantile = computeChiSquareQuantile(probability, degreesOfFreedom);
          expect(computeChiSquareSurvival(quantile, degreesOfFreedom)).toBeCloseTo(1 - probability, 12);
        },
      ),
    );
  });

  it.each([
    [NaN, 1],
    [0, 1],
    [1, 1],
    [0.5, NaN],
    [0.5, 0],
    [0.5, Infinity],
  ])('refuses a probability of %p at %p degrees of freedom', (probability, degreesOfFreedom) => {
    expect(() => computeChiSquareQuantile(probability, degreesOfFreedom)).toThrow(StatisticsError);
  });
});
