/** Frozen distribution of a number; bin i holds edges[i−1] < x ≤ edges[i], with ±∞ at the ends. */
export interface NumericDistribution {
  /** Strictly increasing inner edges, at most 9: deciles, fewer when values repeat. */
  readonly edges: readonly number[];
  /** Rows per bin, one longer than `edges`. */
  readonly counts: readonly number[];
  /** Rows without a value. */
  readonly missing: number;
  readonly mean: number;
  readonly standardDeviation: number;
}

/** Frozen distribution of a category. */
export interface CategoryDistribution {
  readonly categories: readonly string[];
  /** Rows per category, in the same order. */
  readonly counts: readonly number[];
  /** Rows without a value. */
  readonly missing: number;
}

/** What production is compared with: rows the forest was not trained on. */
export interface Reference {
  readonly rows: number;
  /** The raw rows, for tests that need more than bins. */
  readonly sample: {
    /** Relative to the bundle's folder. */
    readonly path: string;
    readonly rows: number;
    readonly sha256: string;
  };
  /** By name, for every input and protected input. */
  readonly inputs: ReadonlyMap<string, NumericDistribution | CategoryDistribution>;
  /** Of the model's own probability of default. */
  readonly probability: NumericDistribution;
}
