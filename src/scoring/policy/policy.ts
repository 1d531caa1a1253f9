/** How a probability of default becomes a decision and a score. */
export interface Policy {
  readonly version: string;
  /** Relative costs the bands were chosen by; one refused good client is the unit by convention. */
  readonly costs: {
    readonly missedDefault: number;
    readonly refusedGoodClient: number;
    readonly manualReview: number;
  };
  /** Approved below `approveBelow`, referred to a person below `referBelow`, rejected from there on. */
  readonly bands: { readonly approveBelow: number; readonly referBelow: number };
  /** Points scaling: `baseScore` points at odds of `baseOdds` good to one bad. */
  readonly points: {
    readonly baseScore: number;
    readonly baseOdds: number;
    readonly pointsToDoubleOdds: number;
  };
}
