import * as fc from 'fast-check';
import { countPairs } from '../../test/fixtures/statistics/count-arbitraries';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { computePsi } from './compute-psi';

describe('computePsi', () => {
  it.each(readGoldens('counts'))('equals its formula in NumPy: $name', (golden) => {
    const psi = computePsi(golden.reference, golden.production);

    expect(measureRelativeError(psi, golden.psi)).toBeLessThanOrEqual(1e-9);
  });

  it('is never negative, and the same with the samples exchanged', () => {
    fc.assert(
      fc.property(countPairs, ({ reference, production }) => {
        const psi = computePsi(reference, production);
        expect(psi).toBeGreaterThanOrEqual(0);
        expect(measureRelativeError(computePsi(production, reference), psi)).toBeLessThan(1e-9);
      }),
    );
  });

  it('is 0 for equal counts', () => {
    fc.assert(fc.property(countPairs, ({ reference }) => computePsi(reference, [...reference]) === 0));
  });

  it('does not see bins that are empty in both samples', () => {
    fc.assert(
      fc.property(countPairs, fc.nat(12), ({ reference, production }, place) => {
        expect(computePsi(reference.toSpliced(place, 0, 0), production.toSpliced(place, 0, 0))).toBe(
          computePsi(reference, production),
        );
      }),
    );
  });

  it.each([
    { where: 'in the last bin', before: Array<number>(10).fill(500), place: 9 },
    { where: 'in a bin that was empty', before: [...Array<number>(10).fill(500), 0], place: 10 },
  ])('is moved by less than 0.001 by one outlier among 5,000 rows: $where', ({ before, place }) => {
    const reference = before.map((count) => count * 4);
    const after = before.with(0, 499).with(place, (before[place] ?? NaN) + 1);

    const moved = Math.abs(computePsi(reference, after) - computePsi(reference, before));

    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(0.001);
  });
});
