import fc from 'fast-check';
import { computeLog1p } from './compute-log1p';

/** Distance in units in the last place between two finite float64 of the same sign. */
function unitsBetween(left: number, right: number): bigint {
  const [a = 0n, b = 0n] = new BigInt64Array(new Float64Array([left, right]).buffer);
  return a > b ? a - b : b - a;
}

describe('computeLog1p', () => {
  it.each([
    // C library values (Python 3.11 math.log1p), exact in every bit shown.
    [1, 0.6931471805599453],
    [1e-10, 9.999999999500001e-11],
    [0.5, 0.4054651081081644],
    [-0.5, -0.6931471805599453],
    [1e6, 13.815511557963774],
    [1e300, 690.7755278982137],
  ])('of %d is %d', (x, expected) => {
    expect(computeLog1p(x)).toBe(expected);
  });

  it.each([
    [0, 0],
    [-0, -0],
    [5e-324, 5e-324],
    [Infinity, Infinity],
    [-1, NaN],
    [-2, NaN],
    [NaN, NaN],
  ])('of %d is %d', (x, expected) => {
    expect(computeLog1p(x)).toBe(expected);
  });

  it('agrees with the engine within one unit in the last place, wherever it is', () => {
    const x = fc.oneof(
      fc.double({ min: -1, max: 1, minExcluded: true, noNaN: true }),
      fc.double({ min: 1, noDefaultInfinity: true, noNaN: true }),
    );
    fc.assert(
      fc.property(x, (value) => unitsBetween(computeLog1p(value), Math.log1p(value)) <= 1n),
      { numRuns: 20_000 },
    );
  });
});
