import { orderFloat32Bits } from './order-float32-bits';

function keyOf(value: number): number {
  return orderFloat32Bits(new Int32Array(Float32Array.of(value).buffer)[0] ?? NaN);
}

describe('orderFloat32Bits', () => {
  it('sorts as the floats do, neighbours next to each other', () => {
    const ascending = [
      -Infinity,
      -3.4e38,
      -1,
      -(2 ** -149),
      0,
      2 ** -149,
      2 ** -148,
      1,
      1 + 2 ** -23,
      3.4e38,
      Infinity,
    ];
    const keys = ascending.map(keyOf);

    expect(keys.toSorted((a, b) => a - b)).toEqual(keys);
    expect([keyOf(-(2 ** -149)), keyOf(0), keyOf(2 ** -149), keyOf(2 ** -148)]).toEqual([-1, 0, 1, 2]);
    expect(keyOf(1 + 2 ** -23) - keyOf(1)).toBe(1);
  });

  it('does not tell −0 from +0', () => {
    expect(keyOf(-0)).toBe(keyOf(0));
  });

  it('leaves the smallest and the largest int32 free, for missing values', () => {
    expect(keyOf(-Infinity)).toBe(-0x7f800000);
    expect(keyOf(Infinity)).toBe(0x7f800000);
  });
});
