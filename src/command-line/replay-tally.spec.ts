import { computePercentiles } from './replay-tally';

describe('computePercentiles', () => {
  it.each([
    { values: [], expected: [NaN, NaN], why: 'nothing has no percentile' },
    { values: [7], expected: [7, 7], why: 'one value is all of them' },
    { values: [3, 1, 2, 10], expected: [2, 10], why: 'nearest rank: the second and the last of four' },
    {
      values: Array.from({ length: 100 }, (_, index) => 100 - index),
      expected: [50, 95],
      why: 'in any order',
    },
  ])('returns $expected: $why', ({ values, expected }) => {
    expect(computePercentiles(values, [50, 95])).toEqual(expected);
  });
});
