import { type Transform } from '../../scoring/manifest/manifest';
import { listTransformInputs } from './list-transform-inputs';

describe('listTransformInputs', () => {
  it.each<[Transform, readonly string[]]>([
    [{ op: 'input', input: 'a' }, ['a']],
    [{ op: 'ordinal', input: 'a' }, ['a']],
    [{ op: 'oneHot', input: 'a', category: 'x' }, ['a']],
    [{ op: 'ratio', numerator: 'a', denominator: 'b' }, ['a', 'b']],
    [{ op: 'difference', minuend: 'a', subtrahend: 'b' }, ['a', 'b']],
    [{ op: 'log1p', of: 'a' }, ['a']],
    [{ op: 'sum', of: ['a', 'b', 'a'] }, ['a', 'b']],
    [{ op: 'weightedSum', of: ['a', 'b'], weights: [1, 0] }, ['a', 'b']],
    [{ op: 'countAtLeast', of: ['b', 'a'], threshold: 1 }, ['b', 'a']],
    [
      {
        op: 'ratio',
        numerator: { op: 'mean', of: ['a', { op: 'ordinal', input: 'b' }] },
        denominator: { op: 'max', of: ['c', 'a'] },
      },
      ['a', 'b', 'c'],
    ],
  ])('of %j are %j', (transform, expected) => {
    expect(listTransformInputs(transform)).toEqual(expected);
  });
});
