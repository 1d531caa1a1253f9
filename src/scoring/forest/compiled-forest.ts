/**
 * A forest laid out for the processor; made by `compileForest`, read by `predictProbability` and
 * `predictProbabilities`.
 *
 * **Why.** Walking down a tree is a chain of loads, each waiting for the one before. Two things make
 * it fast: walking several independent chains side by side, which fills the waits, and making every
 * step small and free of branches, which would be mispredicted every other time. One step is
 *
 *     node = child(node) + +(keys[column(node)] > threshold(node))
 *
 * **Nodes.** A node is two int32: the threshold as a sortable key (`thresholdKey`) and a word:
 *
 *     bit 31 ……………………… columnBits | columnBits − 1 | columnBits − 2 … 0
 *     place of the left child       | direction      | feature
 *
 * The two children of a node are stored side by side as one *pair* of four int32, 16 bytes:
 *
 *     place:      p          p + 1       p + 2       p + 3
 *     holds:   left key | right key | left word | right word
 *
 * so a node is named by its place (p or p + 1), its key is `nodes[place]`, its word is
 * `nodes[place + 2]`, and its right child is its left child plus 1.
 *
 * **Missing values without a branch.** A row has two keys per feature: one in column `feature`, read
 * by the nodes where a missing value goes left, and one in column `direction | feature`, read by the nodes
 * where it goes right. They are equal unless the value is missing; then they are the smallest and the
 * largest int32, which no threshold reaches. Rows known to be complete need only the first half:
 * masking a word with `featureMask` instead of `columnMask` drops the direction.
 *
 * **Leaves** have a column of all ones, which no feature has: as AND keeps what all operands share, the
 * AND of several words shows at once whether all of them are leaves. A leaf's left child is the
 * leaf itself, and its key is an index into `leafValues` (at least 0, while the key kept in the column of
 * all ones is below 0), so lanes that arrive early stay where they are until the last has arrived.
 *
 * **Order.** Pairs are stored in clusters of three levels (7 pairs, 112 bytes), because a row that visits a
 * node visits its descendants next. The top clusters of all trees come first: they are hot for every
 * row. Roots share pairs two by two.
 *
 * **Width.** The word has 32 − columnBits bits for a place. A forest that needs more is cut into
 * segments, runs of whole trees with their own `nodes`. With 23 features (columnBits = 6) a segment
 * holds 33 million nodes, with 4,000 (columnBits = 13) 262,000; see `compileForest` for what is refused.
 */
export interface CompiledForest {
  readonly featureCount: number;
  readonly treeCount: number;
  /** How far right the place of the left child stands in a word. */
  readonly columnBits: number;
  /** 2^columnBits − 1: the column of a word, and the column of leaves. */
  readonly columnMask: number;
  /** 2^(columnBits − 1) − 1: the feature of a word; of leaves, all ones as well. */
  readonly featureMask: number;
  /** Added to the feature by nodes where a missing value goes right. */
  readonly missingGoesRight: number;
  /** In tree order; one, unless the forest is wider than the words. */
  readonly segments: readonly ForestSegment[];
  /** Distinct shares of defaults, in [0, 1]; place 0 is the 0 of the leaf that fills up groups of trees. */
  readonly leafValues: Float64Array;
  /** Scratch of the single path, so that it allocates nothing: float32 of the features … */
  readonly rounded: Float32Array;
  /** … the same memory as bits … */
  readonly roundedBits: Int32Array;
  /** … and the row's keys, shape [2^columnBits]. */
  readonly keys: Int32Array;
}

/** A run of whole trees. */
export interface ForestSegment {
  /** Pairs, as described above; the first is two leaves of value 0, for filling up. */
  readonly nodes: Int32Array;
  readonly treeCount: number;
  /** Places of the roots, in tree order, filled up with 0 to a multiple of `TREES_IN_LOCKSTEP`. */
  readonly roots: Int32Array;
}

/** How many trees `predictProbability` walks side by side: 5 to 10 are equally fast, more spill registers. */
export const TREES_IN_LOCKSTEP = 10;

/** Key of a missing value where it goes left: no threshold is below it. */
export const KEY_GOING_LEFT = -0x80000000;

/** Key of a missing value where it goes right: every threshold is below it. */
export const KEY_GOING_RIGHT = 0x7fffffff;

/** Key in the leaves' column: below every index into `leafValues`, so that leaves point at themselves. */
export const KEY_AT_LEAF = -1;
