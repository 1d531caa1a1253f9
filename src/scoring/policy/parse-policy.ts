import { type BundleNode } from '../bundle/bundle-node';
import { type Policy } from './policy';

/** Beyond a million, points and odds are a slip of the keyboard, and far beyond no longer finite. */
const MOST_POINTS = 1_000_000;

/**
 * Reads `policy`.
 *
 * @throws {BundleError} naming the key: bands outside (0, 1] or the wrong way round, negative costs,
 *   a scaling that is not positive
 */
export function parsePolicy(node: BundleNode): Policy {
  const members = node.members(['version', 'costs', 'bands', 'points']);
  const costs = members.costs.members(['missedDefault', 'refusedGoodClient', 'manualReview']);
  const bands = members.bands.members(['approveBelow', 'referBelow']);
  const points = members.points.members(['baseScore', 'baseOdds', 'pointsToDoubleOdds']);

  const approveBelow = bands.approveBelow.number(0, 1);
  const referBelow = bands.referBelow.number(0, 1);
  if (approveBelow === 0) bands.approveBelow.fail('a probability above 0');
  if (referBelow < approveBelow) bands.referBelow.fail('a probability not below `approveBelow`');

  const baseOdds = points.baseOdds.number(0, MOST_POINTS);
  const pointsToDoubleOdds = points.pointsToDoubleOdds.number(0, MOST_POINTS);
  if (baseOdds === 0) points.baseOdds.fail('odds above 0');
  if (pointsToDoubleOdds === 0) points.pointsToDoubleOdds.fail('points above 0');

  return {
    version: members.version.string(),
    costs: {
      missedDefault: costs.missedDefault.number(0),
      refusedGoodClient: costs.refusedGoodClient.number(0),
      manualReview: costs.manualReview.number(0),
    },
    bands: { approveBelow, referBelow },
    points: { baseScore: points.baseScore.number(-MOST_POINTS, MOST_POINTS), baseOdds, pointsToDoubleOdds },
  };
}
