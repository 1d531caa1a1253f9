import { type OwnedKey } from '../../logging/hash-idempotency-key';
import { type DecisionRecord } from '../../logging/prediction-record';

/** Injection token of the `KeyedDecisions`. */
export const KEYED_DECISIONS = Symbol('KeyedDecisions');

/** What became of a request with a key: a decision of its own, or the one that the key stands for. */
export type DecidedOnce<T> =
  | { readonly kind: 'decided'; readonly answer: T }
  | { readonly kind: 'kept'; readonly record: DecisionRecord };

/**
 * Which decision an idempotency key stands for: one, for 24 hours from the time of its record, whatever is
 * killed and however many processes are asked.
 */
export interface KeyedDecisions {
  /**
   * The decision that a key stands for now; undefined when there is none yet.
   *
   * @throws {ProblemException} 503 while it cannot be known
   */
  find(key: OwnedKey): Promise<DecisionRecord | undefined>;
  /**
   * The kept decision; when there is none, decides under the key. A decision that fails leaves the key free.
   *
   * @param decide makes the decision and keeps its record, which carries the key
   * @throws {ProblemException} 409 while another request decides under the key; 503 while it cannot be known
   *   whether the key is free; and what `decide` throws
   */
  decideOnce<T extends { readonly id: string }>(
    key: OwnedKey,
    decide: () => Promise<T>,
  ): Promise<DecidedOnce<T>>;
}
