import { readBundleFile } from '../../../../test/factories/bundle';
import { type LoadedModel } from '../../../model/active-models';
import { parseBundle } from '../../../scoring/bundle/parse-bundle';
import { readerOf } from '../reader';
import { describeModel } from './describe-model';
import { describeTransform } from './describe-transform';
import { listMetrics } from './list-metrics';
import { makeModelCard, type ModelCard } from './model-card';
import { readDecisionRates } from './read-decision-rates';
import { readImportance } from './read-importance';

function cardOf(name: 'credit-default' | 'german-credit'): ModelCard {
  const bundle = parseBundle('model.json', readBundleFile(name, 'model.json'));
  const loaded: Pick<LoadedModel, 'identity' | 'bundle' | 'parityRows'> = {
    identity: { name, version: '1.0.0', sha256: 'c0ffee' },
    bundle,
    parityRows: 577,
  };
  return makeModelCard(loaded);
}
const credit = cardOf('credit-default');
const german = cardOf('german-credit');

describe('listMetrics', () => {
  it('finds numbers, intervals and means over folds, whatever they are called', () => {
    expect(
      listMetrics({
        accuracy: 0.8,
        test: { auc: { value: 0.7, low: 0.6, high: 0.8 }, note: 'text', rows: 10 },
        folds: { f1: { mean: 0.5, standardDeviation: 0.1, values: [0.4, 0.6] } },
        importance: [{ feature: 'x', impurity: 1 }],
        list: [1, 2],
        nothing: null,
        broken: NaN,
      }),
    ).toEqual([
      { path: ['accuracy'], value: 0.8, interval: null, deviation: null },
      { path: ['test', 'auc'], value: 0.7, interval: [0.6, 0.8], deviation: null },
      { path: ['test', 'rows'], value: 10, interval: null, deviation: null },
      { path: ['folds', 'f1'], value: 0.5, interval: null, deviation: 0.1 },
    ]);
  });

  it('stops at a depth that no report has', () => {
    const deep = JSON.parse('{"a":'.repeat(50) + '1' + '}'.repeat(50)) as Record<string, unknown>;
    expect(listMetrics(deep)).toEqual([]);
  });
});

describe('readImportance and readDecisionRates', () => {
  it('read the shapes that training writes', () => {
    expect(readImportance(credit.training.metrics).get('repaymentStatus1')).toEqual({
      impurity: 0.169934,
      permutation: 0.012471,
    });
    expect(
      readDecisionRates(credit.training.metrics).map(({ sample, bands }) => [sample, bands.APPROVED]),
    ).toEqual([
      ['validation', { share: 0.2165, defaultRate: 0.051578 }],
      ['holdout', { share: 0.211667, defaultRate: 0.03937 }],
    ]);
  });

  it.each([
    {},
    { importance: 'x', decisions: 7 },
    { importance: [null, { feature: 1 }], decisions: { a: null, b: {} } },
  ])('find nothing in %j', (metrics) => {
    expect(readImportance(metrics).size).toBe(0);
    expect(readDecisionRates(metrics)).toEqual([]);
  });
});

describe('describeTransform', () => {
  it('writes nested transforms as formulas of inputs', () => {
    const formula = (name: string): string | undefined =>
      credit.features
        .filter((feature) => feature.name === name)
        .map(({ transform }) => describeTransform(transform))[0];
    expect(formula('unpaidBalanceToLimit')).toBe(
      'ratio(difference(billAmount2, paymentAmount1), creditLimit)',
    );
    expect(formula('creditLimit')).toBe('creditLimit');
    expect(describeTransform(german.features[0]?.transform ?? { op: 'input', input: '' })).toBe(
      'checkingAccount = overdrawn',
    );
  });
});

describe('describeModel', () => {
  it('puts what matters first: who decides, and how good it is', () => {
    const view = describeModel(credit, readerOf('en'), '/monitoring/models');
    expect(view.headline).toBe('credit-default 1.0.0 decides');
    expect(view.sentences).toEqual([
      'When it was loaded it scored 577 rows exactly as scikit-learn did, bit for bit.',
      'On 6,000 hold-out clients its ROC AUC is 0.794 (95%: 0.781 – 0.808).',
    ]);
  });

  it('ranks features by permutation importance, the largest with a whole bar', () => {
    const { rows, known } = describeModel(credit, readerOf('en'), '/monitoring/models').features;
    expect(known).toBe(true);
    expect(rows).toHaveLength(47);
    expect(rows[0]).toMatchObject({ name: 'recencyWeightedRepaymentStatus', width: '100.0%' });
    expect(rows[1]).toMatchObject({ name: 'repaymentStatus1', width: '93.1%' });
  });

  it('names the inputs in the language of the reader and leads to their drift', () => {
    const { inputs } = describeModel(credit, readerOf('fr'), '/monitoring/models');
    expect(inputs.rows).toHaveLength(23);
    expect(inputs.rows[0]?.[0]).toMatchObject({
      text: 'Plafond de crédit',
      href: '/monitoring/drift/creditLimit',
    });
    expect(inputs.rows.at(-1)?.[6]?.text).toBe('protégée : enregistrée, jamais notée');
  });

  it('draws the expected costs with their crossings: 10 p = 0.75 at 0.075, 1 − p = 0.75 at 0.25', () => {
    const { costs } = describeModel(credit, readerOf('en'), '/monitoring/models');
    expect(costs.note).toContain('approving is cheapest below 0.075, rejecting from 0.25');
    expect(costs.spec.lines.map(({ value }) => value)).toEqual([0.08, 0.225]);
    // At 0.05: approving costs 0.5, a review 0.75, rejecting 0.95.
    expect(costs.table.rows[1]?.map(({ text }) => text)).toEqual(['0.05', '0.500', '0.750', '0.950']);
  });

  it('crosses at g ÷ (d + g) where a review costs more than it could save', () => {
    const dear = structuredClone(credit);
    const policy = { ...dear.policy, costs: { missedDefault: 4, refusedGoodClient: 1, manualReview: 3 } };
    const { costs } = describeModel({ ...dear, policy }, readerOf('en'), '/monitoring/models');
    expect(costs.note).toContain('approving is cheapest below 0.2, rejecting from 0.2');
  });

  it('says what a bundle does not tell', () => {
    const view = describeModel(german, readerOf('en'), '/monitoring/models');
    expect(view.sentences[1]).toBe('Its bundle tells nothing of how good it is.');
    expect(view.metrics.rows).toEqual([]);
    expect(view.decisions.rows).toEqual([]);
    expect(view.features.known).toBe(false);
    expect(view.features.rows.every(({ width }) => width === null)).toBe(true);
    expect(view.data.find(({ word }) => word === 'Split')?.text).toBe('not told');
  });
});
