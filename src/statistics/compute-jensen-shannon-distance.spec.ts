import * as fc from 'fast-check';
import { countPairs } from '../../test/fixtures/statistics/count-arbitraries';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { computeJensenShannonDistance } from './compute-jensen-shannon-distance';

describe('computeJensenShannonDistance', () => {
  it.each(readGoldens('counts'))("equals SciPy's jensenshannon with 60 digits: $name", (golden) => {
    const distance = computeJensenShannonDistance(golden.reference, golden.production);

    expect(measureRelativeError(distance, golden.jensenShannon)).toBeLessThanOrEqual(1e-9);
  });

  it('lies between 0 and 1, and is the same with the samples exchanged', () => {
    fc.assert(
      fc.property(countPairs, ({ reference, production }) => {
        const distance = computeJensenShannonDistance(reference, production);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1);
        expect(
          measureRelativeError(computeJensenShannonDistance(production, reference), distance),
        ).toBeLessThan(1e-9);
      }),
    );
  });

  it('is 0 exactly for equal shares', () => {
    fc.assert(
      fc.property(countPairs, fc.integer({ min: 1, max: 9 }), ({ reference }, times) => {
        const production = reference.map((count) => count * times);
        return computeJensenShannonDistance(reference, production) === 0;
      }),
    );
  });

  it('is 1 for samples without a bin in common', () => {
    fc.assert(
      fc.property(countPairs, ({ reference, production }) => {
        const none = (counts: readonly number[]): number[] => counts.map(() => 0);
        const distance = computeJensenShannonDistance(
          [...reference, ...none(production)],
          [...none(reference), ...production],
        );
        expect(distance).toBeCloseTo(1, 12);
      }),
    );
  });

  it('is a metric: no detour is shorter', () => {
    const triples = fc
      .array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50)), { minLength: 1, maxLength: 8 })
      .map((bins) => ([0, 1, 2] as const).map((sample) => bins.map((counts) => counts[sample])))
      .filter((samples) => samples.every((counts) => counts.some((count) => count > 0)));
    fc.assert(
      fc.property(triples, (samples) => {
        const [one, two, three] = samples as [number[], number[], number[]];
        const detour = computeJensenShannonDistance(one, three) + computeJensenShannonDistance(three, two);
        return computeJensenShannonDistance(one, two) <= detour + 1e-12;
      }),
    );
  });
});
