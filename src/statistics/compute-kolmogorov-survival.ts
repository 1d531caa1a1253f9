import { checkRows } from './check-rows';
import { computeDurbinProbability } from './compute-durbin-probability';
import { computePelzGoodProbability } from './compute-pelz-good-probability';
import { computeSmirnovSurvival } from './compute-smirnov-survival';
import { computeStirlingCorrection } from './compute-stirling-correction';
import { StatisticsError } from './statistics-error';

/** Up to here the exact matrix is quick for every distance that needs it. */
const MOST_ROWS_FOR_MATRIX = 140;

/** Beyond, the matrix is small only for small distances: rows, and rows · distance^1.5, up to which it is used. */
const MOST_ROWS_FOR_SMALL_MATRIX = 100_000;
const LARGEST_SMALL_MATRIX = 1.4;

/** rows · distance² from which both sides being exceeded at once no longer counts: for few rows, and for many. */
const ONE_SIDED_FROM_FEW_ROWS = 4;
const ONE_SIDED_FROM_MANY_ROWS = 2.2;

/** rows · distance² from which the probability is below the smallest float64 (2·exp(−740)). */
const VANISHES_FROM = 370;

/**
 * P(D ≥ distance) of the two-sided one-sample Kolmogorov–Smirnov statistic at a finite number of rows.
 *
 * The method is chosen by rows and distance, as Simard and L'Ecuyer do and SciPy's `kstwo.sf` after them. One of
 * theirs, Pomeranz's recursion, is left out: where they use it (at most 140 rows) Durbin's matrix is quick and as exact.
 *
 * @param distance finite; from 1 on the probability is 0, up to 1 / (2·rows) it is 1
 * @param rows whole, at least 1
 * @returns probability in [0, 1], relative precision 1e-9 or better against SciPy, down to 1e-300
 * @throws {StatisticsError} an argument that is NaN, infinite or out of range
 *
 * Cost: O(rows) where the distance is significant; the matrix up to 0.1 s; else nothing worth naming.
 * Source: Simard and L'Ecuyer (2011), Journal of Statistical Software 39(11).
 */
export function computeKolmogorovSurvival(distance: number, rows: number): number {
  if (!Number.isFinite(distance)) {
    throw new StatisticsError('distance is not a finite number; expected one from 0 to 1');
  }
  checkRows('rows', rows);
  const shift = rows * distance;
  if (shift <= 0.5) {
    return 1;
  }
  if (distance >= 1) {
    return 0;
  }
  if (shift <= 1) {
    return 1 - computeSmallestProbability(rows, shift);
  }
  if (distance >= 0.5 || shift >= rows - 1) {
    return doubleOneSided(rows, distance); // exact: from a half on, only one side can be exceeded
  }
  const squared = shift * distance;
  if (rows <= MOST_ROWS_FOR_MATRIX) {
    return squared <= ONE_SIDED_FROM_FEW_ROWS
      ? 1 - computeDurbinProbability(rows, distance)
      : doubleOneSided(rows, distance);
  }
  if (squared >= VANISHES_FROM) {
    return 0;
  }
  if (squared >= ONE_SIDED_FROM_MANY_ROWS) {
    return doubleOneSided(rows, distance);
  }
  const smallMatrix = rows <= MOST_ROWS_FOR_SMALL_MATRIX && rows * distance ** 1.5 <= LARGEST_SMALL_MATRIX;
  return 1 - (smallMatrix ? computeDurbinProbability : computePelzGoodProbability)(rows, distance);
}

/** Ruben and Gambino's n!/nⁿ·(2·shift − 1)ⁿ: P(D < distance) where at most one row lies in each nth. */
function computeSmallestProbability(rows: number, shift: number): number {
  return (
    Math.sqrt(2 * Math.PI * rows) *
    Math.exp(rows * (Math.log(2 * shift - 1) - 1) + computeStirlingCorrection(rows))
  );
}

function doubleOneSided(rows: number, distance: number): number {
  return Math.min(2 * computeSmirnovSurvival(rows, distance), 1);
}
