const ROOT_OF_TWO_PI = Math.sqrt(2 * Math.PI);

/** Terms of the series below this no longer change the sum. */
const NEGLIGIBLE = 1e-20;

/**
 * P(D < distance) of the two-sided one-sample Kolmogorov–Smirnov statistic for many rows: Kolmogorov's limit with
 * the corrections in n^−½, n^−1 and n^−3/2.
 *
 * @param rows n, whole; precise to about 1e-7 from 140 rows on, and better with every row more
 * @param distance greater than 0; meant for n·distance² up to about 2, where the series need a handful of terms
 * @returns probability in [0, 1]
 *
 * Cost: some ten terms. Source: Pelz and Good (1976), Journal of the Royal Statistical Society B 38:152–156.
 */
export function computePelzGoodProbability(rows: number, distance: number): number {
  const z = Math.sqrt(rows) * distance;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  let order0 = 0;
  let order1 = 0;
  let order2 = 0;
  let order3 = 0;
  // The theta functions over odd multiples of π/2 …
  for (let half = 0.5; ; half++) {
    const u2 = (Math.PI * half) ** 2;
    const weight = Math.exp(-u2 / (2 * z2));
    if (weight <= NEGLIGIBLE * Math.exp(-(Math.PI ** 2) / (8 * z2))) {
      break;
    }
    order0 += weight;
    order1 += weight * (u2 - z2);
    order2 += weight * (6 * z6 + 2 * z4 + u2 * (2 * z4 - 5 * z2) + u2 * u2 * (1 - 2 * z2));
    order3 +=
      weight *
      (u2 ** 3 * (5 - 30 * z2) +
        u2 * u2 * (212 * z4 - 60 * z2) +
        u2 * (135 * z4 - 96 * z6) -
        30 * z6 -
        90 * z4 * z4);
  }
  // … and over multiples of π.
  let even2 = 0;
  let even3 = 0;
  for (let whole = 1; ; whole++) {
    const u2 = (Math.PI * whole) ** 2;
    const weight = Math.exp(-u2 / (2 * z2));
    if (weight < NEGLIGIBLE) {
      break;
    }
    even2 += weight * u2;
    even3 += weight * u2 * (3 * z2 - u2);
  }
  const limit = order0 / z;
  const correction1 = order1 / (6 * z4);
  const correction2 = order2 / (72 * z6 * z) - even2 / (36 * z2 * z);
  const correction3 = order3 / (6480 * z6 * z4) + even3 / (216 * z6);
  const root = Math.sqrt(rows);
  const probability =
    ROOT_OF_TWO_PI * (limit + correction1 / root + correction2 / rows + correction3 / (rows * root));
  return Math.min(Math.max(probability, 0), 1);
}
