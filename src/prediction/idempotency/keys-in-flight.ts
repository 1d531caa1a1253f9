/** Gives a key back. Never rejects. */
export type ReleaseKey = () => Promise<void>;

/**
 * Keys under which somebody decides at this moment. They only spare work and answer 409 early: that a key stands
 * for one decision is promised by the log.
 */
export interface KeysInFlight {
  /**
   * Takes a key for as long as a decision takes.
   *
   * @param name stands for the key and its owner
   * @returns how to give it back; undefined when another request has it. Never rejects: where it cannot be
   *   known, the key is given.
   */
  take(name: string): Promise<ReleaseKey | undefined>;
}
