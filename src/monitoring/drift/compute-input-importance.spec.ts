import { readBundleFile } from '../../../test/factories/bundle';
import { type Bundle } from '../../scoring/bundle/bundle';
import { parseBundle } from '../../scoring/bundle/parse-bundle';
import { computeInputImportance } from './compute-input-importance';

const bundle = parseBundle('model.json', readBundleFile('credit-default', 'model.json'));

/** Two features: one of `billAmount1` alone, one of `billAmount1` and `creditLimit`. */
function withImportance(importance: unknown): Bundle {
  return {
    ...bundle,
    inputs: bundle.inputs.filter(({ name }) => ['creditLimit', 'billAmount1', 'billAmount2'].includes(name)),
    features: [
      { name: 'bill', transform: { op: 'input', input: 'billAmount1' } },
      { name: 'use', transform: { op: 'ratio', numerator: 'billAmount1', denominator: 'creditLimit' } },
    ],
    training: { ...bundle.training, metrics: { importance } },
  };
}

const shares = (importance: unknown): object =>
  Object.fromEntries(computeInputImportance(withImportance(importance)));

const THIRDS = { creditLimit: 1 / 3, billAmount1: 1 / 3, billAmount2: 1 / 3 };

describe('computeInputImportance', () => {
  it('shares what a feature weighs among the inputs it reads', () => {
    expect(
      shares([
        { feature: 'bill', permutation: 0.01, impurity: 0.9 },
        { feature: 'use', permutation: 0.03, impurity: 0.1 },
      ]),
    ).toEqual({ creditLimit: 0.375, billAmount1: 0.625, billAmount2: 0 });
  });

  it('takes a negative permutation importance for 0', () => {
    expect(
      shares([
        { feature: 'bill', permutation: -0.5, impurity: 1 },
        { feature: 'use', permutation: 0.1, impurity: 0 },
      ]),
    ).toEqual({ creditLimit: 0.5, billAmount1: 0.5, billAmount2: 0 });
  });

  it.each([
    [[{ feature: 'bill', permutation: -0.1, impurity: 0.5 }]],
    [[{ feature: 'bill', impurity: 0.5 }]],
    [
      [
        { feature: 'bill', permutation: null, impurity: 0.5 },
        null,
        'x',
        { impurity: 3 },
        { feature: 'other', permutation: 1 },
      ],
    ],
  ])('falls back to impurity: %j', (importance) => {
    expect(shares(importance)).toEqual({ creditLimit: 0, billAmount1: 1, billAmount2: 0 });
  });

  it.each([[undefined], [null], ['0.5'], [{ bill: 1 }], [[]], [[{ feature: 'bill', impurity: 0 }]]])(
    'weighs all inputs the same when nothing was measured: %j',
    (importance) => {
      expect(shares(importance)).toEqual(THIRDS);
    },
  );

  it('adds up to 1 for the model that is shipped, and gives its strongest input the most', () => {
    const importance = computeInputImportance(bundle);
    expect([...importance.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    // `repaymentStatus1` and six features made of it lead the permutation importance in model.json.
    expect([...importance].sort((left, right) => right[1] - left[1])[0]?.[0]).toBe('repaymentStatus1');
  });
});
