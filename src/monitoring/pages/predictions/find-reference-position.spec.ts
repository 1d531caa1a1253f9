import { type CategoryDistribution, type NumericDistribution } from '../../../scoring/reference/reference';
import { findReferencePosition } from './find-reference-position';

const numbers: NumericDistribution = {
  edges: [10, 20],
  counts: [50, 30, 20],
  missing: 100,
  mean: 12,
  standardDeviation: 5,
};
const words: CategoryDistribution = { categories: ['a', 'b'], counts: [60, 20], missing: 20 };

describe('findReferencePosition', () => {
  it.each([
    { value: -5, position: { above: null, upTo: 10, share: 0.5, below: 0, through: 0.5 } },
    { value: 10, position: { above: null, upTo: 10, share: 0.5, below: 0, through: 0.5 } },
    { value: 10.5, position: { above: 10, upTo: 20, share: 0.3, below: 0.5, through: 0.8 } },
    { value: 99, position: { above: 20, upTo: null, share: 0.2, below: 0.8, through: 1 } },
  ])(
    'finds the bin of $value among rows that have a value; a bin holds its upper bound',
    ({ value, position }) => {
      expect(findReferencePosition(value, numbers)).toEqual({ kind: 'range', ...position });
    },
  );

  it('says how many are missing of all rows', () => {
    const position = { kind: 'missing', below: null, through: null };
    expect(findReferencePosition(null, numbers)).toEqual({ ...position, share: 0.5 });
    expect(findReferencePosition(null, words)).toEqual({ ...position, share: 0.2 });
  });

  it('says how common a category is, which has no order', () => {
    const position = { below: null, through: null };
    expect(findReferencePosition('a', words)).toEqual({
      kind: 'category',
      category: 'a',
      share: 0.6,
      ...position,
    });
    expect(findReferencePosition('c', words)).toEqual({
      kind: 'unseen',
      category: 'c',
      share: 0,
      ...position,
    });
  });
});
