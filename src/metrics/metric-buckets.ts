/**
 * Upper bounds of the histograms. They are part of what dashboards and rules rely on: a bound that
 * disappears takes the quantiles of the past with it.
 */

/** From a decision on an idle machine (half a millisecond) to the longest a request may take to arrive. */
export const REQUEST_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** From a small forest in warm caches to a large one in cold ones. */
export const INFERENCE_SECONDS = [
  0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01,
];

/** Twenty of equal width, finer than any shift worth an alert. */
export const PROBABILITY_BOUNDS = Array.from({ length: 20 }, (_, index) => (index + 1) / 20);
