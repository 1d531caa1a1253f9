import { computeScore } from './compute-score';

const points = { baseScore: 600, baseOdds: 30, pointsToDoubleOdds: 20 };

describe('computeScore', () => {
  it.each([
    // By hand: odds of 30 : 1 are the base, 60 : 1 and 15 : 1 are one doubling away, 1 : 1 is log2(30) below.
    [1 / 31, 600],
    [1 / 61, 620],
    [1 / 16, 580],
    [1 / 2, 502],
  ])('gives %d by hand %d points', (probability, expected) => {
    expect(computeScore(points, probability)).toBe(expected);
  });

  it('has a score for leaves with no default and with nothing else', () => {
    expect(computeScore(points, 0)).toBe(computeScore(points, 0.0001));
    expect(computeScore(points, 1)).toBe(computeScore(points, 0.9999));
  });
});
