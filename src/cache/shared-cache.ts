/** Injection token of the `SharedCache`. */
export const SHARED_CACHE = Symbol('SharedCache');

/**
 * Keeps what can be had again another way. It may forget anything at any time, and never rejects: what cannot be
 * read is not there. With `CACHE=redis` all instances share it.
 */
export interface SharedCache {
  /** The bytes that were kept; undefined when there are none, or their time is over. Do not change them. */
  get(key: string): Promise<Buffer | undefined>;
  /**
   * Keeps bytes. Nobody needs to wait for it.
   *
   * @param key with the name of what it is about in front, such as `probability:`
   * @param milliseconds for how long, at least 1
   */
  set(key: string, value: Buffer, milliseconds: number): Promise<void>;
}
