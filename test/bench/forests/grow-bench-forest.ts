import { type Forest, type Tree } from '../../../src/scoring/forest/forest';
import { predictProbabilityByWalking } from '../../../src/scoring/forest/predict-probability-by-walking';
import { type BenchForest } from './bench-forest';

const FEATURES = 23;
const ROWS = 10_000;

/** Shape of a forest: trees split a sample of rows until a limit is met. */
export interface Shape {
  readonly trees: number;
  readonly depth: number;
  readonly rowsInLeaf: number;
  readonly missingShare: number;
}

/**
 * A forest of the same shape as scikit-learn's, for machines without Python: it splits uniform rows at random
 * and has learnt nothing. Its expected probabilities are the reference evaluator's. Same numbers in every run.
 */
export function growBenchForest(shape: Shape): BenchForest {
  const random = randomNumbers(20261123);
  const sample = Array.from({ length: 6_000 }, () => Array.from({ length: FEATURES }, random));
  const forest: Forest = {
    featureCount: FEATURES,
    trees: Array.from({ length: shape.trees }, () => growTree(sample, shape, random)),
  };
  const rows = Float32Array.from({ length: ROWS * FEATURES }, () =>
    random() < shape.missingShare ? NaN : random(),
  );
  const expected = Float64Array.from({ length: ROWS }, (_, row) =>
    predictProbabilityByWalking(forest, rows.subarray(row * FEATURES, (row + 1) * FEATURES)),
  );
  return { forest, oracle: 'the reference evaluator', rowCount: ROWS, rows, expected, folder: undefined };
}

function growTree(sample: number[][], shape: Shape, random: () => number): Tree {
  const nodes: { feature: number; threshold: number; left: number; right: number; value: number }[] = [];
  const grow = (rows: number[][], depth: number): number => {
    const index = nodes.length;
    const node = { feature: -1, threshold: 0, left: -1, right: -1, value: Math.round(random() * 100) / 100 };
    nodes.push(node);
    const feature = Math.floor(random() * FEATURES);
    const threshold = rows[Math.floor(random() * rows.length)]?.[feature] ?? 0;
    const left = rows.filter((row) => (row[feature] ?? 0) <= threshold);
    const right = rows.filter((row) => (row[feature] ?? 0) > threshold);
    if (depth < shape.depth && Math.min(left.length, right.length) >= shape.rowsInLeaf) {
      node.feature = feature;
      node.threshold = threshold;
      node.value = 0;
      node.left = grow(left, depth + 1);
      node.right = grow(right, depth + 1);
    }
    return index;
  };
  grow(sample, 0);
  return {
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float64Array.from(nodes, (node) => node.threshold),
    left: Int32Array.from(nodes, (node) => node.left),
    right: Int32Array.from(nodes, (node) => node.right),
    missingGoToLeft: Uint8Array.from(nodes, (node) => (node.feature >= 0 && random() < 0.5 ? 1 : 0)),
    value: Float64Array.from(nodes, (node) => node.value),
  };
}

/** Numbers in [0, 1), the same for the same seed: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
