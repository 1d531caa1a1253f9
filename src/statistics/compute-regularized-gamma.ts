import { computeStirlingCorrection } from './compute-stirling-correction';

/** A change smaller than this is rounding: a unit in the last place or two, which never vanishes entirely. */
const NEGLIGIBLE = 2 ** -51;

/** The two tails of a gamma distribution; their sum is 1. */
export interface GammaTails {
  /** P(shape, x), the probability below x. */
  readonly lower: number;
  /** Q(shape, x), the probability above x. */
  readonly upper: number;
}

/**
 * Regularized incomplete gamma functions P and Q: the tails of a gamma distribution of scale 1.
 *
 * Below the mean P comes from its power series, above it Q from Legendre's continued fraction, and the other one is
 * 1 minus that; so the small tail is always the one computed: relative precision about 1e-13 down to 1e-300.
 *
 * @param shape greater than 0, finite
 * @param x 0 or more
 *
 * Cost: O(√shape) near the mean, less elsewhere. Source: Abramowitz and Stegun (1964), 6.5.29 and 6.5.31; the
 * fraction is evaluated forwards, after Lentz (1976), Applied Optics 15:668–671.
 */
export function computeRegularizedGamma(shape: number, x: number): GammaTails {
  if (x === 0) {
    return { lower: 0, upper: 1 };
  }
  if (x < shape + 1) {
    const lower = computeDensity(shape, x) * sumSeries(shape, x);
    return { lower, upper: 1 - lower };
  }
  const upper = computeDensity(shape, x) * shape * evaluateFraction(shape, x);
  return { lower: 1 - upper, upper };
}

/** x^shape·e^(−x) / Γ(shape + 1) */
function computeDensity(shape: number, x: number): number {
  const deviance = shape * Math.log(x / shape) + shape - x;
  return Math.exp(deviance - computeStirlingCorrection(shape)) / Math.sqrt(2 * Math.PI * shape);
}

/** 1 + x/(shape + 1) + x²/((shape + 1)(shape + 2)) + … */
function sumSeries(shape: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let index = 1; term > sum * NEGLIGIBLE; index++) {
    term *= x / (shape + index);
    sum += term;
  }
  return sum;
}

/**
 * 1/(x + 1 − shape − 1·(1 − shape)/(x + 3 − shape − 2·(2 − shape)/(x + 5 − shape − …)))
 *
 * Numerators and denominators of the convergents are followed as ratios, which stay above x for x ≥ shape + 1.
 */
function evaluateFraction(shape: number, x: number): number {
  let partial = x + 1 - shape;
  let denominatorRatio = partial;
  let numeratorRatio = Infinity;
  let value = 1 / partial;
  for (let index = 1, factor = 0; Math.abs(factor - 1) > NEGLIGIBLE; index++) {
    const numerator = index * (shape - index);
    partial += 2;
    denominatorRatio = partial + numerator / denominatorRatio;
    numeratorRatio = partial + numerator / numeratorRatio;
    factor = numeratorRatio / denominatorRatio;
    value *= factor;
  }
  return value;
}
