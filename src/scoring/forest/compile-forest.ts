import { KEY_AT_LEAF, TREES_IN_LOCKSTEP, type CompiledForest, type ForestSegment } from './compiled-forest';
import { type Forest, type Tree } from './forest';
import { thresholdKey } from './threshold-key';

const MOST_FEATURES = 2 ** 20 - 1;
const PAIR = 4; // int32 in a pair of nodes
const CLUSTER_LEVELS = 3;

/** The bits of a word, as `CompiledForest` describes them. */
interface Layout {
  readonly columnBits: number;
  readonly columnMask: number;
  readonly missingGoesRight: number;
}

/** A node of a tree and the place in `nodes` that was kept for it. */
interface PlacedNode {
  readonly node: number;
  readonly place: number;
}

/**
 * Lays a forest out for fast evaluation; `CompiledForest` explains how.
 *
 * @param forest from `parseForest`: links in range, no cycles, finite thresholds
 * @throws {RangeError} more than 1,048,575 features, or one tree of more nodes than a word can address:
 * 2^(31 − columnBits) with columnBits = 1 + ⌈log₂(featureCount + 1)⌉, so 33 million nodes at 23 features,
 * 262,000 at 4,000 features
 *
 * Cost: O(nodes) time; 8 bytes a node, and as much again as the keys of one row.
 */
export function compileForest(forest: Forest): CompiledForest {
  const { featureCount, trees } = forest;
  if (featureCount > MOST_FEATURES) {
    throw new RangeError(`A forest can have at most ${MOST_FEATURES} features, this one has ${featureCount}`);
  }
  const featureBits = 32 - Math.clz32(featureCount); // 2^featureBits columns: all features and the leaves'
  // Made with shifts, not **: V8 keeps the results of ** as floating point, and each step would convert them.
  const layout = {
    columnBits: featureBits + 1,
    columnMask: (2 << featureBits) - 1,
    missingGoesRight: 1 << featureBits,
  };
  const leafIndex = new Map([[0, 0]]);
  const segments = cutIntoSegments(trees, 2 ** (32 - layout.columnBits)).map((run) =>
    new SegmentWriter(run, layout, leafIndex).write(),
  );
  const rounded = new Float32Array(featureCount);
  return {
    ...layout,
    featureCount,
    treeCount: trees.length,
    featureMask: (1 << featureBits) - 1,
    segments,
    leafValues: Float64Array.from(leafIndex.keys()),
    rounded,
    roundedBits: new Int32Array(rounded.buffer),
    keys: new Int32Array(1 << layout.columnBits).fill(KEY_AT_LEAF),
  };
}

/** Runs of whole trees, each as long as its places stay below `places`. */
function cutIntoSegments(trees: readonly Tree[], places: number): Tree[][] {
  const runs: Tree[][] = [];
  let run: Tree[] = [];
  let innerNodes = 0;
  for (const [index, tree] of trees.entries()) {
    const innerNodesOfTree = (tree.feature.length - 1) / 2;
    if (placesFor(1, innerNodesOfTree) > places) {
      throw new RangeError(
        `Tree ${index} has ${tree.feature.length} nodes: more than fit beside this number of features`,
      );
    }
    if (run.length === 0 || placesFor(run.length + 1, innerNodes + innerNodesOfTree) > places) {
      run = [];
      runs.push(run);
      innerNodes = 0;
    }
    run.push(tree);
    innerNodes += innerNodesOfTree;
  }
  return runs;
}

/** Length of `nodes`: the pair for filling up, a pair for every two roots, a pair for every inner node. */
function placesFor(treeCount: number, innerNodes: number): number {
  return PAIR * (1 + Math.ceil(treeCount / 2) + innerNodes);
}

/** Writes one segment. */
class SegmentWriter {
  private readonly nodes: Int32Array;
  private nextPair = 0;

  constructor(
    private readonly trees: readonly Tree[],
    private readonly layout: Layout,
    /** Grows: share of defaults → its place in `leafValues`. */
    private readonly leafIndex: Map<number, number>,
  ) {
    const innerNodes = trees.reduce((sum, tree) => sum + (tree.feature.length - 1) / 2, 0);
    this.nodes = new Int32Array(placesFor(trees.length, innerNodes));
  }

  write(): ForestSegment {
    const filling = this.takePair();
    this.writeLeaf(filling, 0);
    this.writeLeaf(filling + 1, 0);

    const groups = Math.ceil(this.trees.length / TREES_IN_LOCKSTEP);
    const roots = new Int32Array(groups * TREES_IN_LOCKSTEP).fill(filling);
    let pair = 0;
    for (const index of this.trees.keys()) {
      pair = index % 2 === 0 ? this.takePair() : pair;
      roots[index] = pair + (index % 2);
    }
    const belowTheTop = this.trees.map((tree, index) =>
      this.writeCluster(tree, { node: 0, place: roots[index] as number }),
    );
    for (const [index, tree] of this.trees.entries()) {
      this.writeClusters(tree, belowTheTop[index] as PlacedNode[]);
    }
    return { nodes: this.nodes, treeCount: this.trees.length, roots };
  }

  /** Depth first with a stack of its own: trees may be deeper than the call stack. */
  private writeClusters(tree: Tree, tops: PlacedNode[]): void {
    const pending = tops.reverse();
    for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
      pending.push(...this.writeCluster(tree, top).reverse());
    }
  }

  /** Writes a node and the two levels below it; returns the nodes below those, whose places it has taken. */
  private writeCluster(tree: Tree, top: PlacedNode): PlacedNode[] {
    let level = [top];
    for (let depth = 0; depth < CLUSTER_LEVELS; depth++) {
      level = level.flatMap(({ node, place }) => this.writeNode(tree, node, place));
    }
    return level;
  }

  /** Returns the node's children, none for a leaf. */
  private writeNode(tree: Tree, node: number, place: number): PlacedNode[] {
    const feature = tree.feature[node] as number;
    if (feature < 0) {
      this.writeLeaf(place, tree.value[node] as number);
      return [];
    }
    const { columnBits, missingGoesRight } = this.layout;
    const direction = tree.missingGoToLeft[node] === 1 ? 0 : missingGoesRight;
    const children = this.takePair();
    this.nodes[place] = thresholdKey(tree.threshold[node] as number);
    this.nodes[place + 2] = (children << columnBits) | direction | feature;
    return [
      { node: tree.left[node] as number, place: children },
      { node: tree.right[node] as number, place: children + 1 },
    ];
  }

  private writeLeaf(place: number, value: number): void {
    const index = this.leafIndex.get(value) ?? this.leafIndex.size;
    this.leafIndex.set(value, index);
    this.nodes[place] = index;
    this.nodes[place + 2] = (place << this.layout.columnBits) | this.layout.columnMask;
  }

  private takePair(): number {
    const pair = this.nextPair;
    this.nextPair += PAIR;
    return pair;
  }
}
