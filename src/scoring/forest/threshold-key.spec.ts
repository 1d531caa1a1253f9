import { orderFloat32Bits } from './order-float32-bits';
import { thresholdKey } from './threshold-key';

const LARGEST = (2 - 2 ** -23) * 2 ** 127;
const SMALLEST = 2 ** -149;

function keyOf(value: number): number {
  return orderFloat32Bits(new Int32Array(Float32Array.of(value).buffer)[0] ?? NaN);
}

describe('thresholdKey', () => {
  it.each([
    { threshold: 1.5, float32: 1.5, why: 'a float32 stays' },
    { threshold: 1 + 2 ** -24, float32: 1, why: 'halfway between two: the lower' },
    { threshold: 1 + 2 ** -24 + 2 ** -50, float32: 1, why: 'nearest is above: the one below' },
    { threshold: 1 - 2 ** -30, float32: 1 - 2 ** -24, why: 'nearest is above: the one below' },
    { threshold: -1 - 2 ** -30, float32: -1 - 2 ** -23, why: 'below, not towards zero' },
    { threshold: -0, float32: 0, why: '−0 equals 0' },
    { threshold: 1e-60, float32: 0, why: 'between 0 and the smallest subnormal' },
    { threshold: -1e-60, float32: -SMALLEST, why: 'between the smallest negative subnormal and 0' },
    { threshold: 2.5 * SMALLEST, float32: 2 * SMALLEST, why: 'between subnormals' },
    { threshold: LARGEST, float32: LARGEST, why: 'the largest float32' },
    { threshold: 1e300, float32: LARGEST, why: 'above all: every value goes left' },
    { threshold: -LARGEST, float32: -LARGEST, why: 'the smallest float32' },
    { threshold: -1e300, float32: -Infinity, why: 'below all: every value goes right' },
    { threshold: -LARGEST * (1 + 2 ** -30), float32: -Infinity, why: 'below all, though it rounds to one' },
  ])('rounds $threshold down to $float32: $why', ({ threshold, float32 }) => {
    expect(thresholdKey(threshold)).toBe(keyOf(float32));
  });
});
