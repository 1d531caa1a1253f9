import { drawSample } from '../../test/fixtures/statistics/draw-sample';
import { sortSample } from './sort-sample';

const edges = [
  0,
  -0,
  5e-324,
  -5e-324,
  2 ** -1022,
  -(2 ** -1022),
  1.5,
  -1.5,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];

/** So many rows from both sides of zero, in no order: drawn in ascending order, dealt out in strides. */
function makeSample(
  rows: number,
  kind: 'uniform' | 'rounded' | 'heavy' | 'tiny',
  offset: number,
): Float64Array {
  const sorted = drawSample({ kind, rows, seed: 11, offset, scale: kind === 'rounded' ? 40 : 1 });
  return sorted.map((_, row) => edges[row % 997] ?? sorted[(row * 7_919) % rows] ?? NaN);
}

describe('sortSample', () => {
  it.each([
    { rows: 0, kind: 'uniform', offset: 0 },
    { rows: 1, kind: 'uniform', offset: 0 },
    { rows: 1_000, kind: 'uniform', offset: -0.5 },
    { rows: 49_999, kind: 'heavy', offset: -7 },
    { rows: 50_000, kind: 'heavy', offset: -7 },
    { rows: 70_001, kind: 'uniform', offset: -0.5 },
    { rows: 70_001, kind: 'rounded', offset: -20 },
    { rows: 70_001, kind: 'tiny', offset: 0 },
  ] as const)('orders $rows $kind values as the engine does, to the bit', ({ rows, kind, offset }) => {
    const values = makeSample(rows, kind, offset);
    const before = values.slice();
    const bits = (sample: Float64Array): Buffer => Buffer.from(sample.buffer);

    const sorted = sortSample(values);

    expect(bits(sorted).equals(bits(before.slice().sort()))).toBe(true);
    expect(bits(values).equals(bits(before))).toBe(true);
  });

  it('orders samples on one side of zero, of one value, and in part of a buffer', () => {
    const positive = makeSample(60_000, 'heavy', 1).map(Math.abs);
    const negative = positive.map((value) => -1 - value);
    const constant = new Float64Array(60_000).fill(-3.25);

    expect(sortSample(positive)).toEqual(positive.slice().sort());
    expect(sortSample(negative)).toEqual(negative.slice().sort());
    expect(sortSample(constant)).toEqual(constant);
    expect(sortSample(positive.subarray(1_234))).toEqual(positive.slice(1_234).sort());
  });
});
