import { FeatureVectorError } from './feature-vector-error';
import { type Forest, type Tree } from './forest';

/**
 * Probability of default, the slow and obvious way: one tree after another, node by node.
 *
 * The oracle that `predictProbability` and `predictProbabilities` are tested against, and itself
 * tested against scikit-learn's `predict_proba(X)[:, 1]` bit for bit.
 *
 * @param forest from `parseForest`
 * @param features shape [featureCount], in manifest order and units; NaN means missing. Rounded to float32 here.
 * @returns P(default), unitless, in [0, 1]
 * @throws {FeatureVectorError} wrong length, or a value that is infinite as float32 (scikit-learn refuses it too)
 *
 * Cost: O(trees × depth). Source: Breiman (2001), Machine Learning 45:5–32.
 */
export function predictProbabilityByWalking(forest: Forest, features: Float64Array | Float32Array): number {
  if (features.length !== forest.featureCount) {
    throw new FeatureVectorError(`Expected ${forest.featureCount} features, got ${features.length}`);
  }
  const rounded = new Float32Array(features);
  const infinite = rounded.findIndex((value) => Math.abs(value) === Infinity);
  if (infinite >= 0) {
    throw new FeatureVectorError(`Feature ${infinite} is infinite as float32`);
  }
  let sum = 0; // forward, in tree order: any other order changes the last bit of most rows
  for (const tree of forest.trees) {
    sum += tree.value[findLeaf(tree, rounded)] as number;
  }
  return sum / forest.trees.length; // one division: multiplying by 1/trees would differ
}

function findLeaf(tree: Tree, features: Float32Array): number {
  let node = 0;
  for (;;) {
    const feature = tree.feature[node] as number;
    if (feature < 0) {
      return node;
    }
    const value = features[feature] as number;
    const goesLeft = Number.isNaN(value)
      ? tree.missingGoToLeft[node] === 1
      : value <= (tree.threshold[node] as number);
    node = (goesLeft ? tree.left[node] : tree.right[node]) as number;
  }
}
