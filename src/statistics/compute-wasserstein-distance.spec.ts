import * as fc from 'fast-check';
import { drawSample } from '../../test/fixtures/statistics/draw-sample';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { computeWassersteinDistance } from './compute-wasserstein-distance';
import { StatisticsError } from './statistics-error';

const values = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
const samples = fc
  .array(values, { minLength: 1, maxLength: 40 })
  .map((list) => Float64Array.from(list).sort());

/** What rounding may move a distance between samples within ±1e9. */
const ROUNDING = 1e-5;

describe('computeWassersteinDistance', () => {
  it.each(readGoldens('samples'))("equals SciPy's wasserstein_distance: $name", (golden) => {
    const distance = computeWassersteinDistance(drawSample(golden.reference), drawSample(golden.production));

    expect(measureRelativeError(distance, golden.wasserstein)).toBeLessThanOrEqual(1e-9);
  });

  it('is how far a sample was moved', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1e9, noNaN: true }), (sample, shift) => {
        const moved = sample.map((value) => value + shift);
        expect(Math.abs(computeWassersteinDistance(sample, moved) - shift)).toBeLessThan(ROUNDING);
      }),
    );
  });

  it('grows with the unit', () => {
    fc.assert(
      fc.property(samples, samples, fc.constantFrom(0.25, 2, 1024), (reference, production, factor) => {
        const scale = (sample: Float64Array): Float64Array => sample.map((value) => value * factor);
        // Powers of two scale without rounding.
        expect(computeWassersteinDistance(scale(reference), scale(production))).toBe(
          factor * computeWassersteinDistance(reference, production),
        );
      }),
    );
  });

  it('is a metric: zero only for equal distributions, the same both ways, no detour is shorter', () => {
    fc.assert(
      fc.property(samples, samples, samples, (one, two, three) => {
        const direct = computeWassersteinDistance(one, two);
        const detour = computeWassersteinDistance(one, three) + computeWassersteinDistance(three, two);
        expect(computeWassersteinDistance(one, one)).toBe(0);
        expect(direct).toBeGreaterThanOrEqual(0);
        expect(computeWassersteinDistance(two, one)).toBe(direct);
        expect(direct).toBeLessThanOrEqual(detour + ROUNDING);
      }),
    );
  });

  it.each([[[]], [[NaN]], [[1, NaN]], [[2, 1]], [[1, Infinity]], [[-Infinity, 1]]])('refuses %p', (bad) => {
    const sample = Float64Array.from(bad);
    const good = Float64Array.of(1, 2);

    expect(() => computeWassersteinDistance(sample, good)).toThrow(StatisticsError);
    expect(() => computeWassersteinDistance(good, sample)).toThrow(StatisticsError);
  });
});
