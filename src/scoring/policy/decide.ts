import { type Policy } from './policy';

/** The lender's answer to an application. */
export type Decision = 'APPROVED' | 'REFERRED' | 'REJECTED';

/** Every decision, from the best for the client to the worst. */
export const DECISIONS: readonly Decision[] = ['APPROVED', 'REFERRED', 'REJECTED'];

/**
 * The policy's decision for a probability of default; a probability equal to a bound falls on its worse side.
 *
 * @param probability P(default), in [0, 1]
 * @throws {RangeError} when the probability is NaN or outside [0, 1]: never answer REJECTED for a defect
 */
export function decide(policy: Policy, probability: number): Decision {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError('decide: expected a probability of default from 0 to 1');
  }
  if (probability < policy.bands.approveBelow) return 'APPROVED';
  return probability < policy.bands.referBelow ? 'REFERRED' : 'REJECTED';
}
