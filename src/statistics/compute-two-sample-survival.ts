import { findGreatestCommonDivisor } from './find-greatest-common-divisor';

/**
 * What stands for probability 1 on the lattice. Probabilities fall by hundreds of powers of ten towards the origin;
 * from up here they stay normal float64 (fast, and precise to the end) down to 2^-1922.
 */
const CERTAIN = 2 ** 900;

/**
 * Exact P(D ≥ gap) of the two-sided two-sample Kolmogorov–Smirnov statistic for samples without ties.
 *
 * Every order of the pooled rows is a lattice path from (0, 0) to (n, m), all equally likely. The probability that a
 * path to (x, y) has left the band |x/n − y/m| < D is the mean of that of its two predecessors, weighted by x and y.
 * Nothing is ever subtracted, so that small p-values are as precise as large ones: about 1e-12 at 10,000 rows.
 * When n = m the reflection principle gives a sum of n terms instead.
 *
 * @param referenceRows n, at least 1
 * @param productionRows m, at least 1
 * @param gap distance D in units of 1 / lcm(n, m), whole, from 0 to lcm(n, m); see `measureLargestGap`
 * @returns probability in [0, 1], relative precision kept down to 1e-308
 *
 * Cost: the lattice points in the band, at most n·m (0.1 s at 6,000 × 10,000); min(n, m) float64. O(n) when n = m.
 * Source: Viehmann (2021), arXiv:2102.08037; for n = m Gnedenko and Korolyuk (1951), Hodges (1958).
 */
export function computeTwoSampleSurvival(referenceRows: number, productionRows: number, gap: number): number {
  if (gap === 0) {
    return 1;
  }
  return referenceRows === productionRows
    ? sumReflections(referenceRows, gap)
    : walkLattice(Math.max(referenceRows, productionRows), Math.min(referenceRows, productionRows), gap);
}

/** 2·Σ (−1)^(k+1)·C(2n, n − k·gap) / C(2n, n) over k ≥ 1, from the inside: p = 2·a₁·(1 − a₂·(1 − a₃·(…))). */
function sumReflections(rows: number, gap: number): number {
  let nested = 0;
  for (let reflection = Math.floor(rows / gap); reflection >= 1; reflection--) {
    const shift = (reflection - 1) * gap;
    let ratio = 1;
    for (let step = 0; step < gap; step++) {
      ratio *= (rows - shift - step) / (rows + shift + step + 1);
    }
    nested = ratio * (1 - nested);
  }
  return Math.min(2 * nested, 1);
}

/**
 * Along the diagonals x + y = 1, 2, …, n + m, whose points do not depend on each other.
 * `outside[y + 1]` belongs to (x, y); the entry before y = 0 is only ever multiplied by 0.
 */
function walkLattice(longRows: number, shortRows: number, gap: number): number {
  const divisor = findGreatestCommonDivisor(longRows, shortRows);
  const longStep = shortRows / divisor;
  const shortStep = longRows / divisor;
  const outside = new Float64Array(shortRows + 2).fill(CERTAIN);
  // Before this diagonal no path can have left the band.
  const firstDiagonal = Math.ceil(gap / shortStep);
  outside.fill(0, 1, firstDiagonal + 1);

  for (let diagonal = firstDiagonal; diagonal <= longRows + shortRows; diagonal++) {
    const centre = diagonal * longStep;
    const lowest = Math.max(Math.floor((centre - gap) / (longStep + shortStep)) + 1, diagonal - longRows, 0);
    const highest = Math.min(Math.ceil((centre + gap) / (longStep + shortStep)) - 1, diagonal, shortRows);
    const share = 1 / diagonal;
    for (let y = highest; y >= lowest; y--) {
      outside[y + 1] = ((diagonal - y) * (outside[y + 1] as number) + y * (outside[y] as number)) * share;
    }
    outside[lowest] = CERTAIN;
  }
  return Math.min((outside[shortRows + 1] as number) / CERTAIN, 1);
}
