import { findCheapestBands } from './find-cheapest-bands';

describe('findCheapestBands', () => {
  it.each([
    // As the docstring of choose_bands.py says: approve below m / 10, reject from 1 − m, while m < 10/11.
    { missedDefault: 10, manualReview: 0.75, approveBelow: 0.075, referBelow: 0.25 },
    { missedDefault: 10, manualReview: 0.5, approveBelow: 0.05, referBelow: 0.5 },
    { missedDefault: 10, manualReview: 0, approveBelow: 0, referBelow: 1 },
    { missedDefault: 10, manualReview: 10 / 11, approveBelow: 1 / 11, referBelow: 1 / 11 },
    { missedDefault: 10, manualReview: 2, approveBelow: 1 / 11, referBelow: 1 / 11 },
    { missedDefault: 4, manualReview: 3, approveBelow: 0.2, referBelow: 0.2 },
  ])(
    'approves below $approveBelow, rejects from $referBelow at costs of $missedDefault, 1, $manualReview',
    ({ missedDefault, manualReview, approveBelow, referBelow }) => {
      const bands = findCheapestBands({ missedDefault, refusedGoodClient: 1, manualReview });
      expect(bands.approveBelow).toBeCloseTo(approveBelow, 15);
      expect(bands.referBelow).toBeCloseTo(referBelow, 15);
    },
  );

  it('has an answer where a mistake costs nothing', () => {
    const free = { missedDefault: 0, refusedGoodClient: 0, manualReview: 0 };
    expect(findCheapestBands(free)).toEqual({ approveBelow: 0, referBelow: 0 });
    expect(findCheapestBands({ ...free, missedDefault: 5 })).toEqual({ approveBelow: 0, referBelow: 0 });
    expect(findCheapestBands({ ...free, refusedGoodClient: 5 })).toEqual({ approveBelow: 1, referBelow: 1 });
  });

  it('decides at any costs as comparing the three costs would', () => {
    const prices = [0, 0.2, 0.75, 1, 3, 10];
    let largestLoss = 0;
    for (const missedDefault of prices) {
      for (const refusedGoodClient of prices) {
        for (const manualReview of prices) {
          const bands = findCheapestBands({ missedDefault, refusedGoodClient, manualReview });
          for (let probability = 0.0005; probability < 1; probability += 0.001) {
            const approve = probability * missedDefault;
            const reject = (1 - probability) * refusedGoodClient;
            const chosen =
              probability < bands.approveBelow
                ? approve
                : probability < bands.referBelow
                  ? manualReview
                  : reject;
            largestLoss = Math.max(largestLoss, chosen - Math.min(approve, manualReview, reject));
          }
        }
      }
    }
    expect(largestLoss).toBeLessThan(1e-12);
  });
});
