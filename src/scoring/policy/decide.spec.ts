import { decide } from './decide';
import { type Policy } from './policy';

const policy: Policy = {
  version: 'test',
  costs: { missedDefault: 10, refusedGoodClient: 1, manualReview: 0.75 },
  bands: { approveBelow: 0.1, referBelow: 0.3 },
  points: { baseScore: 600, baseOdds: 30, pointsToDoubleOdds: 20 },
};

describe('decide', () => {
  it.each([
    [0, 'APPROVED'],
    [0.09999999999999999, 'APPROVED'],
    [0.1, 'REFERRED'],
    [0.29999999999999993, 'REFERRED'],
    [0.3, 'REJECTED'],
    [1, 'REJECTED'],
  ])('answers %d with %s: a bound belongs to the worse side', (probability, decision) => {
    expect(decide(policy, probability)).toBe(decision);
  });

  it.each([NaN, -0.1, 1.1, Infinity])('throws on %d instead of deciding', (probability) => {
    expect(() => decide(policy, probability)).toThrow(RangeError);
  });
});
