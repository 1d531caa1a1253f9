import { checkSortedSample } from './check-sorted-sample';
import { computeKolmogorovSurvival } from './compute-kolmogorov-survival';
import { computeTwoSampleSurvival } from './compute-two-sample-survival';
import { measureLargestGap } from './measure-largest-gap';

/** Up to this many rows in the larger sample `auto` is exact: SciPy's limit. */
const LARGEST_EXACT_SAMPLE = 10_000;

/** Lattice points that `exact` may visit: some seconds of work. Equal sample sizes need none. */
const MOST_LATTICE_POINTS = 2 ** 31;

/** Result of the two-sample Kolmogorov–Smirnov test. */
export interface KolmogorovSmirnovTest {
  /** Largest distance between the two empirical distribution functions, in [0, 1]. */
  readonly statistic: number;
  /** Two-sided: probability of a distance at least as large when both samples come from one distribution. */
  readonly pValue: number;
  /** How the p-value was computed. */
  readonly method: 'exact' | 'asymptotic';
  readonly referenceRows: number;
  readonly productionRows: number;
}

/**
 * Two-sided two-sample Kolmogorov–Smirnov test, with the conventions of SciPy's `ks_2samp`.
 *
 * `auto` counts lattice paths (exact) when neither sample has more than 10,000 rows, and otherwise takes the
 * distribution of the one-sample statistic at round(n·m / (n + m)) rows. Where rows have equal values, as in any
 * counted or rounded input, both p-values are conservative: too large rather than too small.
 *
 * `exact` becomes asymptotic when n ≠ m and n·m > 2^31, and `method` says so. SciPy gives up elsewhere: where the
 * least common multiple exceeds 2^31, or where its float64 overflows, which cannot happen here.
 *
 * @param sortedReference ascending, finite, not empty; the unit does not matter
 * @param sortedProduction ascending, finite, not empty; the same unit
 * @throws {StatisticsError} a sample that is empty, not ascending, or holds NaN or an infinite value
 *
 * Cost: O(n + m) for the statistic; its p-value O(n·m) when exact (O(n) when n = m), O(n·m / (n + m)) otherwise.
 * Source: Hodges (1958), Arkiv för Matematik 3:469–486.
 */
export function testKolmogorovSmirnov(
  sortedReference: Float64Array,
  sortedProduction: Float64Array,
  method: 'auto' | 'exact' | 'asymptotic' = 'auto',
): KolmogorovSmirnovTest {
  checkSortedSample('sortedReference', sortedReference);
  checkSortedSample('sortedProduction', sortedProduction);
  const referenceRows = sortedReference.length;
  const productionRows = sortedProduction.length;
  const { gap, unitsInOne } = measureLargestGap(sortedReference, sortedProduction);
  const statistic = gap / unitsInOne;
  const exact =
    (method === 'auto' && Math.max(referenceRows, productionRows) <= LARGEST_EXACT_SAMPLE) ||
    (method === 'exact' &&
      (referenceRows === productionRows || referenceRows * productionRows <= MOST_LATTICE_POINTS));
  return {
    statistic,
    pValue: exact
      ? computeTwoSampleSurvival(referenceRows, productionRows, gap)
      : computeKolmogorovSurvival(statistic, findEffectiveRows(referenceRows, productionRows)),
    method: exact ? 'exact' : 'asymptotic',
    referenceRows,
    productionRows,
  };
}

/** n·m / (n + m), rounded to even at halves as NumPy does; 1 for two samples of one row, where SciPy has no answer. */
function findEffectiveRows(referenceRows: number, productionRows: number): number {
  const rows = (referenceRows * productionRows) / (referenceRows + productionRows);
  const below = Math.floor(rows);
  const rounded = rows - below === 0.5 ? below + (below % 2) : Math.round(rows);
  return Math.max(rounded, 1);
}
