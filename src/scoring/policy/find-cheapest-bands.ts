import { type Policy } from './policy';

/**
 * The bands by which every decision would be the cheapest, were the probabilities exact. For a probability p of
 * default, approving costs p · missedDefault, a review manualReview, and rejecting (1 − p) · refusedGoodClient.
 *
 * The bands of a policy are chosen on data instead (`models/training/choose_bands.py`), which also pays for errors of
 * calibration; so they lie near these and seldom on them.
 *
 * Source: Chow (1970), IEEE Trans. Inf. Theory 16:41–46.
 *
 * @param costs none negative
 * @returns 0 ≤ approveBelow ≤ referBelow ≤ 1; equal where a review never pays
 */
export function findCheapestBands(costs: Policy['costs']): Policy['bands'] {
  const { missedDefault, refusedGoodClient, manualReview } = costs;
  // Where approving and rejecting cost the same; without any cost anywhere, so at 0.
  const withoutReview = refusedGoodClient / (missedDefault + refusedGoodClient || 1);
  const reviewInsteadOfApproval = missedDefault > 0 ? manualReview / missedDefault : 1;
  const rejectionInsteadOfReview = refusedGoodClient > 0 ? 1 - manualReview / refusedGoodClient : 0;
  return {
    approveBelow: Math.min(withoutReview, reviewInsteadOfApproval),
    referBelow: Math.max(withoutReview, rejectionInsteadOfReview),
  };
}
