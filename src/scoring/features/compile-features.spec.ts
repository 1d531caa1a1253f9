import { type Manifest, type Transform } from '../manifest/manifest';
import { compileFeatures } from './compile-features';

const number = (name: string): Manifest['inputs'][number] => ({
  name,
  type: 'number',
  minimum: -1e9,
  maximum: 1e9,
  nullable: true,
  description: name,
  example: 0,
});
const inputs: Manifest['inputs'] = [
  number('a'),
  number('b'),
  number('c'),
  {
    name: 'kind',
    type: 'category',
    categories: ['x', 'y', 'z'],
    nullable: true,
    description: 'kind',
    example: 'x',
  },
];

function compute(transform: Transform, values: Record<string, number | string | null>): number {
  const features = new Float64Array(1);
  const manifest = { inputs, protectedInputs: [], features: [{ name: 'feature', transform }] };
  compileFeatures(manifest)({ a: null, b: null, c: null, kind: null, ...values }, features);
  return features[0] as number;
}

describe('compileFeatures', () => {
  it.each<[string, Transform, Record<string, number | string | null>, number]>([
    ['input', { op: 'input', input: 'a' }, { a: 3 }, 3],
    ['ratio', { op: 'ratio', numerator: 'a', denominator: 'b' }, { a: 3, b: 4 }, 0.75],
    ['difference', { op: 'difference', minuend: 'a', subtrahend: 'b' }, { a: 3, b: 4 }, -1],
    // In this order 1e9 + 2^-26 − 1e9 loses the small number; any other order would keep it.
    ['sum, left to right', { op: 'sum', of: ['a', 'b', 'c'] }, { a: 1e9, b: 2 ** -26, c: -1e9 }, 0],
    ['mean', { op: 'mean', of: ['a', 'b', 'c'] }, { a: 1, b: 2, c: 6 }, 3],
    ['max', { op: 'max', of: ['a', 'b', 'c'] }, { a: 1, b: 7, c: 6 }, 7],
    ['min', { op: 'min', of: ['a', 'b', 'c'] }, { a: 1, b: 7, c: -6 }, -6],
    ['weightedSum', { op: 'weightedSum', of: ['a', 'b'], weights: [2, -1] }, { a: 5, b: 4 }, 6],
    [
      'countAtLeast, bound included',
      { op: 'countAtLeast', of: ['a', 'b', 'c'], threshold: 2 },
      { a: 1, b: 2, c: 3 },
      2,
    ],
    ['log1p', { op: 'log1p', of: 'a' }, { a: Math.E - 1 }, 1],
    ['oneHot, hit', { op: 'oneHot', input: 'kind', category: 'y' }, { kind: 'y' }, 1],
    ['oneHot, miss', { op: 'oneHot', input: 'kind', category: 'y' }, { kind: 'z' }, 0],
    ['ordinal', { op: 'ordinal', input: 'kind' }, { kind: 'z' }, 2],
    [
      'a transform inside another',
      { op: 'ratio', numerator: { op: 'sum', of: ['a', 'b'] }, denominator: { op: 'max', of: ['b', 'c'] } },
      { a: 1, b: 2, c: 6 },
      0.5,
    ],
  ])('computes %s', (_name, transform, values, expected) => {
    expect(compute(transform, values)).toBe(expected);
  });

  it.each<[string, Transform]>([
    ['input', { op: 'input', input: 'a' }],
    ['numerator', { op: 'ratio', numerator: 'a', denominator: 'b' }],
    ['denominator', { op: 'ratio', numerator: 'b', denominator: 'a' }],
    ['difference', { op: 'difference', minuend: 'b', subtrahend: 'a' }],
    ['sum', { op: 'sum', of: ['b', 'a'] }],
    ['mean', { op: 'mean', of: ['b', 'a'] }],
    ['max', { op: 'max', of: ['b', 'a'] }],
    ['min', { op: 'min', of: ['b', 'a'] }],
    ['weightedSum, also at weight 0', { op: 'weightedSum', of: ['b', 'a'], weights: [1, 0] }],
    ['countAtLeast', { op: 'countAtLeast', of: ['b', 'a'], threshold: 0 }],
    ['log1p', { op: 'log1p', of: 'a' }],
    ['oneHot', { op: 'oneHot', input: 'kind', category: 'x' }],
    ['ordinal', { op: 'ordinal', input: 'kind' }],
  ])('makes %s missing when an operand is missing', (_name, transform) => {
    expect(compute(transform, { a: null, b: 1 })).toBeNaN();
  });

  it.each([0, -0])('makes a ratio missing when the denominator is %d', (denominator) => {
    expect(compute({ op: 'ratio', numerator: 'a', denominator: 'b' }, { a: 1, b: denominator })).toBeNaN();
  });

  it('makes log1p missing from −1 down', () => {
    expect(compute({ op: 'log1p', of: 'a' }, { a: -1 })).toBeNaN();
  });
});
