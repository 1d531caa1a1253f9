import { computeKolmogorovLimit } from './compute-kolmogorov-limit';

describe('computeKolmogorovLimit', () => {
  // 1.358 · √((n + m) / (n · m)): the 5 % point of Smirnov's table.
  it.each([
    [100, 100, 0.1921],
    [400, 6_000, 0.0701],
  ])('is what chance exceeds in 5 %% of samples of %d and %d', (n, m, limit) => {
    expect(computeKolmogorovLimit(n, m)).toBeCloseTo(limit, 4);
  });

  it('never exceeds the largest distance there is', () => {
    expect(computeKolmogorovLimit(1, 1)).toBe(1);
  });
});
