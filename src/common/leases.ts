/** Injection token of the `Leases`. */
export const LEASES = Symbol('Leases');

/** What only one of several processes may do at a time; each also appears in the application log. */
export type LeaseName = 'drift-reports' | 'alerts' | 'retention' | 'decision-events';

/**
 * Which of several processes does what must be done once. A lease ends by itself when its holder stops renewing
 * it, so a killed or frozen process holds nothing for long; what is done under one must therefore bear being done
 * twice, and is kept where the second is refused.
 */
export interface Leases {
  /**
   * Takes the lease, or renews it, unless another process holds it.
   *
   * @param milliseconds for how long, from now; renew it well before
   * @returns whether this process holds it. Never rejects: who cannot ask holds nothing, nor does, of what goes by the
   *   time, who has a wrong clock.
   */
  hold(name: LeaseName, milliseconds: number): Promise<boolean>;
  /** Gives up what this process holds, so that another one goes on at once. */
  releaseAll(): Promise<void>;
}

/** The leases of a process that shares its work with nobody, as with files: their folder has one owner. */
export const SOLE_HOLDER: Leases = {
  hold: () => Promise.resolve(true),
  releaseAll: () => Promise.resolve(),
};
