import { type Policy } from './policy';

/** Probabilities are clamped here before odds are taken, so that leaves without any default have a score. */
const SMALLEST_PROBABILITY = 0.0001;

/**
 * Points for a probability of default: more points, less risk. `pointsToDoubleOdds` more points mean
 * odds (good : bad) twice as good.
 *
 * Source: Siddiqi (2006), Credit Risk Scorecards, chapter 6 (scaling: score = offset + factor · ln(odds)).
 *
 * @param probability P(default), in [0, 1]; clamped to [0.0001, 0.9999]
 * @returns whole points
 */
export function computeScore(points: Policy['points'], probability: number): number {
  const clamped = Math.min(Math.max(probability, SMALLEST_PROBABILITY), 1 - SMALLEST_PROBABILITY);
  const odds = (1 - clamped) / clamped;
  return Math.round(points.baseScore + points.pointsToDoubleOdds * Math.log2(odds / points.baseOdds));
}
