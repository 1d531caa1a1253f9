import { aDecision } from '../../../test/factories/prediction-record';
import { type DecisionRecord } from '../../logging/prediction-record';
import { type Application } from '../../scoring/application/application';
import { isSameApplication } from './is-same-application';

const application: Application = {
  clientId: 'client',
  inputs: { amount: 1, purpose: 'car', income: null },
  protected: { age: 30 },
};
const record: DecisionRecord = { ...aDecision(application), id: 'id', at: 'at' };

describe('isSameApplication', () => {
  it.each<[string, Application]>([
    ['the same', application],
    ['another order', { ...application, inputs: { income: null, purpose: 'car', amount: 1 } }],
  ])('is true for %s', (_what, other) => {
    expect(isSameApplication(record, other)).toBe(true);
  });

  it.each<[string, Application]>([
    [
      'another number',
      { ...application, inputs: { ...application.inputs, amount: 1.000_000_000_000_000_2 } },
    ],
    ['a text for a number', { ...application, inputs: { ...application.inputs, amount: '1' } }],
    ['a missing value', { ...application, inputs: { ...application.inputs, purpose: null } }],
    ['another client', { ...application, clientId: 'other' }],
    ['no client', { inputs: application.inputs, protected: { age: 30 } }],
    ['another protected value', { ...application, protected: { age: 31 } }],
    ['no protected values', { clientId: 'client', inputs: application.inputs }],
    ['an input more', { ...application, inputs: { ...application.inputs, term: null } }],
    ['an input less', { ...application, inputs: { amount: 1, purpose: 'car' } }],
  ])('is false for %s', (_what, other) => {
    expect(isSameApplication(record, other)).toBe(false);
  });

  it('takes no protected values for an empty list of them', () => {
    const withoutProtected = { inputs: application.inputs };
    const kept: DecisionRecord = { ...aDecision(withoutProtected), protected: {}, id: 'id', at: 'at' };
    expect(isSameApplication(kept, withoutProtected)).toBe(true);
  });
});
