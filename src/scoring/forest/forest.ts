/**
 * A forest as the bundle holds it: one entry per node in parallel arrays, node 0 is the root.
 *
 * Made by `parseForest` only, which guarantees what evaluation relies on: links in range, every
 * node reached exactly once from the root, finite thresholds, leaf shares in [0, 1].
 */
export interface Tree {
  /** Column of the feature vector; −1 at a leaf. */
  readonly feature: Int32Array;
  /** float64, exactly as scikit-learn holds it; 0 at a leaf. A row goes left when float32(x) <= threshold. */
  readonly threshold: Float64Array;
  /** Node number of the left child; −1 at a leaf. */
  readonly left: Int32Array;
  /** Node number of the right child; −1 at a leaf. */
  readonly right: Int32Array;
  /** 1 when a missing value goes left; 0 at a leaf. */
  readonly missingGoToLeft: Uint8Array;
  /** Share of defaults at a leaf, in [0, 1]; 0 inside. */
  readonly value: Float64Array;
}

/** A random forest, extra-trees forest or single tree for P(default). */
export interface Forest {
  /** Length of the feature vector. */
  readonly featureCount: number;
  /** At least one, in scikit-learn's order: the order of the sum. */
  readonly trees: readonly Tree[];
}
