import * as fc from 'fast-check';
import { drawSample } from '../../test/fixtures/statistics/draw-sample';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { StatisticsError } from './statistics-error';
import { testKolmogorovSmirnov } from './test-kolmogorov-smirnov';

const values = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const samples = fc
  .array(values, { minLength: 1, maxLength: 40 })
  .map((list) => Float64Array.from(list).sort());

/** A sample that is continued with itself, as often as asked. */
function repeat(sample: Float64Array, times: number): Float64Array {
  return Float64Array.from(
    { length: sample.length * times },
    (_, row) => sample[row % sample.length] ?? NaN,
  ).sort();
}

describe('testKolmogorovSmirnov', () => {
  it.each(readGoldens('samples'))("equals SciPy's ks_2samp: $name", (golden) => {
    const reference = drawSample(golden.reference);
    const production = drawSample(golden.production);

    const test = testKolmogorovSmirnov(reference, production, golden.asked);

    expect(measureRelativeError(test.statistic, golden.statistic)).toBeLessThanOrEqual(1e-9);
    expect(measureRelativeError(test.pValue, golden.pValue)).toBeLessThanOrEqual(1e-6);
    expect(test).toMatchObject({
      method: golden.method,
      referenceRows: reference.length,
      productionRows: production.length,
    });
  });

  it('is exact by default, and asymptotic from 10,001 rows on', () => {
    const short = drawSample({ kind: 'uniform', rows: 10_000, seed: 1, offset: 0, scale: 1 });
    const long = drawSample({ kind: 'uniform', rows: 10_001, seed: 2, offset: 0, scale: 1 });

    expect(testKolmogorovSmirnov(short, short.slice(0, 50)).method).toBe('exact');
    expect(testKolmogorovSmirnov(short.slice(0, 50), long).method).toBe('asymptotic');
  });

  it('says so when an exact p-value would take too long', () => {
    const long = Float64Array.from({ length: 60_000 }, (_, row) => row);

    expect(testKolmogorovSmirnov(long, long.slice(0, 50_000), 'exact').method).toBe('asymptotic');
    expect(testKolmogorovSmirnov(long, long.slice(), 'exact')).toMatchObject({ method: 'exact', pValue: 1 });
  });

  it('answers within [0, 1], for any two samples and either method', () => {
    fc.assert(
      fc.property(
        samples,
        samples,
        fc.constantFrom('exact', 'asymptotic'),
        (reference, production, method) => {
          const { statistic, pValue } = testKolmogorovSmirnov(reference, production, method);
          return statistic >= 0 && statistic <= 1 && pValue >= 0 && pValue <= 1;
        },
      ),
    );
  });

  it('is the same with the samples exchanged', () => {
    fc.assert(
      fc.property(samples, samples, (reference, production) => {
        const forth = testKolmogorovSmirnov(reference, production);
        const back = testKolmogorovSmirnov(production, reference);
        expect([back.statistic, back.pValue]).toEqual([forth.statistic, forth.pValue]);
      }),
    );
  });

  it('sees only the order of the values: any rising transform changes nothing', () => {
    fc.assert(
      fc.property(samples, samples, (reference, production) => {
        const known = Float64Array.from(new Set([...reference, ...production])).sort();
        const rank = new Map([...known].map((value, index) => [value, Math.sinh(index / 8)]));
        const transform = (sample: Float64Array): Float64Array =>
          sample.map((value) => rank.get(value) ?? NaN);
        expect(testKolmogorovSmirnov(transform(reference), transform(production))).toEqual(
          testKolmogorovSmirnov(reference, production),
        );
      }),
    );
  });

  it('finds nothing between a sample and itself, however often repeated', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 5 }), (sample, times) => {
        expect(testKolmogorovSmirnov(sample, repeat(sample, times))).toMatchObject({
          statistic: 0,
          pValue: 1,
        });
      }),
    );
  });

  it('has a smaller p-value for a larger statistic', () => {
    fc.assert(
      fc.property(samples, samples, samples, (reference, production, other) => {
        const rows = Math.min(production.length, other.length);
        const one = testKolmogorovSmirnov(reference, production.slice(0, rows));
        const two = testKolmogorovSmirnov(reference, other.slice(0, rows));
        return (one.statistic - two.statistic) * (one.pValue - two.pValue) <= 0;
      }),
    );
  });

  it.each([
    { rows: [40, 60], method: 'exact' },
    { rows: [50, 50], method: 'exact' },
    { rows: [60, 90], method: 'asymptotic' },
  ] as const)('raises no more false alarms than it says: $rows rows, $method', ({ rows, method }) => {
    const simulations = 4_000;
    const pValues = Array.from({ length: simulations }, (_, index) => {
      const [reference, production] = rows.map((count, side) =>
        drawSample({
          kind: 'uniform',
          rows: count,
          seed: 7_919 * (2 * index + side) + 1,
          offset: 0,
          scale: 1,
        }),
      ) as [Float64Array, Float64Array];
      return testKolmogorovSmirnov(reference, production, method).pValue;
    });
    for (const level of [0.01, 0.05, 0.1, 0.25, 0.5, 0.9]) {
      const alarms = pValues.filter((pValue) => pValue <= level).length / simulations;
      // Four standard errors: the seeds are fixed, the bound is what honest p-values may reach.
      expect(alarms).toBeLessThanOrEqual(level + 4 * Math.sqrt((level * (1 - level)) / simulations));
      // And not for being blind: a discrete statistic of few rows stays below the level, but not by much.
      expect(alarms).toBeGreaterThan(level / 3);
    }
  });

  const good = Float64Array.of(1, 2, 3);
  it.each([
    { bad: [], message: 'is empty; expected at least one value' },
    { bad: [NaN], message: '[0] is not a finite number; leave missing values out' },
    {
      bad: [1, NaN, 2],
      message: '[1] is NaN or less than the value before it; expected ascending finite numbers',
    },
    {
      bad: [1, 2, NaN],
      message: '[2] is NaN or less than the value before it; expected ascending finite numbers',
    },
    {
      bad: [1, 3, 2],
      message: '[2] is NaN or less than the value before it; expected ascending finite numbers',
    },
    { bad: [-Infinity, 2], message: '[0] is not a finite number; leave missing values out' },
    { bad: [1, Infinity], message: '[1] is not a finite number; leave missing values out' },
  ])('refuses $bad', ({ bad, message }) => {
    const sample = Float64Array.from(bad);
    const separator = message.startsWith('[') ? '' : ' ';

    expect(() => testKolmogorovSmirnov(sample, good)).toThrow(
      new StatisticsError(`sortedReference${separator}${message}`),
    );
    expect(() => testKolmogorovSmirnov(good, sample)).toThrow(
      new StatisticsError(`sortedProduction${separator}${message}`),
    );
  });
});
