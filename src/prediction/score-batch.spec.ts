import { type LoadedModel } from '../model/active-models';
import { FeatureVectorError } from '../scoring/forest/feature-vector-error';
import { type InputValues } from '../scoring/application/application';
import { scoreBatch } from './score-batch';

/** Answers the amount as probability, and refuses amounts that no float32 holds, as the evaluator does. */
const scorer = {
  score({ amount }: InputValues): number {
    if (typeof amount !== 'number' || amount > 1)
      throw new FeatureVectorError('Feature 0 is infinite as float32');
    return amount;
  },
  scoreAll(list: readonly InputValues[]): Float64Array {
    return Float64Array.from(list, (inputs) => this.score(inputs));
  },
};
const model = { scorer } as unknown as LoadedModel;
const application = (amount: number): { inputs: InputValues } => ({ inputs: { amount } });

describe('scoreBatch', () => {
  it('leaves out what was refused and keeps every probability in its place', () => {
    const refused = [{ field: 'amount', code: 'required', message: 'missing' }];
    expect(scoreBatch(model, [refused, application(0.25), refused, application(0.75)])).toEqual([
      undefined,
      0.25,
      undefined,
      0.75,
    ]);
  });

  it('gives no probability to an application too large to be scored, and the right ones to the others', () => {
    expect(scoreBatch(model, [application(0.25), application(2), application(0.75)])).toEqual([
      0.25,
      undefined,
      0.75,
    ]);
  });
});
