import * as fc from 'fast-check';
import { countPairs } from '../../test/fixtures/statistics/count-arbitraries';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { testChiSquare } from './test-chi-square';

describe('testChiSquare', () => {
  it.each(readGoldens('counts'))("equals SciPy's chi2_contingency on the pooled table: $name", (golden) => {
    const test = testChiSquare(golden.reference, golden.production);

    expect(test).toMatchObject({ bins: golden.bins, degreesOfFreedom: golden.degreesOfFreedom });
    expect(measureRelativeError(test.statistic, golden.statistic)).toBeLessThanOrEqual(1e-9);
    expect(measureRelativeError(test.pValue, golden.pValue)).toBeLessThanOrEqual(1e-6);
  });

  it('answers a statistic of 0 or more and a probability, of no more bins than were given', () => {
    fc.assert(
      fc.property(countPairs, ({ reference, production }) => {
        const { statistic, degreesOfFreedom, pValue, bins } = testChiSquare(reference, production);
        expect(statistic).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
        expect(bins).toBeLessThanOrEqual(reference.length);
        expect(degreesOfFreedom).toBe(bins - 1);
      }),
    );
  });

  it('is the same with the samples exchanged', () => {
    fc.assert(
      fc.property(countPairs, ({ reference, production }) => {
        const forth = testChiSquare(reference, production);
        const back = testChiSquare(production, reference);
        expect(back.bins).toBe(forth.bins);
        expect(measureRelativeError(back.statistic, forth.statistic)).toBeLessThan(1e-9);
      }),
    );
  });

  it('does not see bins that are empty in both samples', () => {
    fc.assert(
      fc.property(countPairs, fc.nat(12), ({ reference, production }, place) => {
        expect(testChiSquare(reference.toSpliced(place, 0, 0), production.toSpliced(place, 0, 0))).toEqual(
          testChiSquare(reference, production),
        );
      }),
    );
  });

  it('finds nothing between a sample and a multiple of it', () => {
    fc.assert(
      fc.property(countPairs, fc.integer({ min: 1, max: 9 }), ({ reference }, times) => {
        const production = reference.map((count) => count * times);
        expect(testChiSquare(reference, production)).toMatchObject({ statistic: 0, pValue: 1 });
      }),
    );
  });
});
