import { type Policy } from '../../../scoring/policy/policy';

/** What each decision costs on average at one probability, in the policy's unit. */
export interface ExpectedCosts {
  readonly probability: number;
  /** Approving loses a defaulter. */
  readonly approve: number;
  /** A person looks, whatever comes of it. */
  readonly refer: number;
  /** Rejecting loses a good client. */
  readonly reject: number;
}

/** Steps of 0.05: the costs are straight lines, so more would draw the same. */
const STEPS = 20;

/** Expected cost of each decision from probability 0 to 1; follows from the policy alone. */
export function computeExpectedCosts({ costs }: Policy): ExpectedCosts[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const probability = step / STEPS;
    return {
      probability,
      approve: probability * costs.missedDefault,
      refer: costs.manualReview,
      reject: (1 - probability) * costs.refusedGoodClient,
    };
  });
}
