/** Σ of the Kolmogorov distribution's tail is 5 % here: √(−ln(0.05 / 2) / 2). */
const KOLMOGOROV_5_PERCENT = Math.sqrt(-Math.log(0.05 / 2) / 2);

/**
 * The Kolmogorov–Smirnov statistic that chance alone exceeds in 5 % of two samples of these sizes, asymptotically.
 *
 * @param n rows of one sample, 1 or more
 * @param m rows of the other, 1 or more
 * @returns distance in (0, 1]
 *
 * Source: Smirnov (1948), Annals of Mathematical Statistics 19:279–281.
 */
export function computeKolmogorovLimit(n: number, m: number): number {
  return Math.min(1, KOLMOGOROV_5_PERCENT * Math.sqrt((n + m) / (n * m)));
}
