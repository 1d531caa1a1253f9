import * as fc from 'fast-check';
import { measureRelativeError } from '../../test/fixtures/statistics/measure-relative-error';
import { readGoldens } from '../../test/fixtures/statistics/read-goldens';
import { adjustFalseDiscoveryRate } from './adjust-false-discovery-rate';
import { StatisticsError } from './statistics-error';

const pValueLists = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.05, 5e-324)),
  { maxLength: 30 },
);

describe('adjustFalseDiscoveryRate', () => {
  it.each(readGoldens('false-discovery-rate'))(
    "equals SciPy's false_discovery_control: $pValues",
    (golden) => {
      const adjusted = adjustFalseDiscoveryRate(golden.pValues);

      expect(adjusted).toHaveLength(golden.adjusted.length);
      for (const [index, expected] of golden.adjusted.entries()) {
        expect(measureRelativeError(adjusted[index] ?? NaN, expected)).toBeLessThanOrEqual(1e-12);
      }
    },
  );

  it('never makes a p-value smaller, nor larger than 1 or than as many times itself as there are', () => {
    fc.assert(
      fc.property(pValueLists, (pValues) =>
        adjustFalseDiscoveryRate(pValues).every((adjusted, index) => {
          const pValue = pValues[index] ?? NaN;
          return adjusted >= pValue && adjusted <= Math.min(1, pValue * pValues.length);
        }),
      ),
    );
  });

  it('keeps the order of the p-values, and does not depend on the order they are given in', () => {
    fc.assert(
      fc.property(pValueLists, (pValues) => {
        const rising = pValues.toSorted((a, b) => a - b);
        const adjusted = adjustFalseDiscoveryRate(rising);
        expect(adjusted).toEqual(adjusted.toSorted((a, b) => a - b));
        expect(adjustFalseDiscoveryRate(rising.toReversed())).toEqual(adjusted.toReversed());
        expect(adjustFalseDiscoveryRate(pValues).toSorted((a, b) => a - b)).toEqual(adjusted);
      }),
    );
  });

  it('has nothing to adjust when nothing was tested', () => {
    expect(adjustFalseDiscoveryRate([])).toEqual([]);
  });

  it.each([NaN, -0.1, 1.1, Infinity])('refuses %p', (bad) => {
    expect(() => adjustFalseDiscoveryRate([0.5, bad])).toThrow(
      new StatisticsError('pValues[1] is not a probability; expected a number from 0 to 1'),
    );
  });

  it('refuses holes', () => {
    expect(() => adjustFalseDiscoveryRate(new Array<number>(1))).toThrow(StatisticsError);
  });
});
