import { FeatureVectorError } from './feature-vector-error';
import { KEY_GOING_LEFT, KEY_GOING_RIGHT, TREES_IN_LOCKSTEP, type CompiledForest } from './compiled-forest';
import { orderFloat32Bits } from './order-float32-bits';

/** Magnitude bits of an infinite float32; of NaN they are larger. */
const INFINITE = 0x7f800000;

/**
 * Probability of default of one row: mean over trees of the share of defaults in the leaf reached.
 *
 * Equal bit for bit to scikit-learn's `predict_proba(X)[:, 1]` (`n_jobs=1`): inputs are compared as float32
 * with float64 thresholds, shares are summed in tree order and divided once. Walks ten trees side by side;
 * `CompiledForest` explains the layout. Allocates nothing.
 *
 * @param forest from `compileForest`
 * @param features shape [featureCount], in manifest order and units; NaN means missing. Rounded to float32 here.
 * @returns P(default), unitless, in [0, 1]
 * @throws {FeatureVectorError} wrong length, or a value that is infinite as float32 (scikit-learn refuses it too)
 *
 * Cost: O(trees × depth). Source: Breiman (2001), Machine Learning 45:5–32.
 */
export function predictProbability(forest: CompiledForest, features: Float64Array | Float32Array): number {
  writeKeys(forest, features);
  const { columnBits, columnMask, keys, leafValues } = forest;
  let sum = 0; // forward, in tree order: any other order changes the last bit of most rows
  for (const { nodes, roots } of forest.segments) {
    for (let tree = 0; tree < roots.length; tree += TREES_IN_LOCKSTEP) {
      let place0 = roots[tree] as number;
      let place1 = roots[tree + 1] as number;
      let place2 = roots[tree + 2] as number;
      let place3 = roots[tree + 3] as number;
      let place4 = roots[tree + 4] as number;
      let place5 = roots[tree + 5] as number;
      let place6 = roots[tree + 6] as number;
      let place7 = roots[tree + 7] as number;
      let place8 = roots[tree + 8] as number;
      let place9 = roots[tree + 9] as number;
      for (;;) {
        const word0 = nodes[place0 + 2] as number;
        const word1 = nodes[place1 + 2] as number;
        const word2 = nodes[place2 + 2] as number;
        const word3 = nodes[place3 + 2] as number;
        const word4 = nodes[place4 + 2] as number;
        const word5 = nodes[place5 + 2] as number;
        const word6 = nodes[place6 + 2] as number;
        const word7 = nodes[place7 + 2] as number;
        const word8 = nodes[place8 + 2] as number;
        const word9 = nodes[place9 + 2] as number;
        const shared = word0 & word1 & word2 & word3 & word4 & word5 & word6 & word7 & word8 & word9;
        if ((shared & columnMask) === columnMask) {
          break; // all lanes stand on leaves
        }
        // +(a > b) compiles without a branch; (a > b ? 1 : 0) does not and takes three times as long.
        place0 = (word0 >>> columnBits) + +((keys[word0 & columnMask] as number) > (nodes[place0] as number));
        place1 = (word1 >>> columnBits) + +((keys[word1 & columnMask] as number) > (nodes[place1] as number));
        place2 = (word2 >>> columnBits) + +((keys[word2 & columnMask] as number) > (nodes[place2] as number));
        place3 = (word3 >>> columnBits) + +((keys[word3 & columnMask] as number) > (nodes[place3] as number));
        place4 = (word4 >>> columnBits) + +((keys[word4 & columnMask] as number) > (nodes[place4] as number));
        place5 = (word5 >>> columnBits) + +((keys[word5 & columnMask] as number) > (nodes[place5] as number));
        place6 = (word6 >>> columnBits) + +((keys[word6 & columnMask] as number) > (nodes[place6] as number));
        place7 = (word7 >>> columnBits) + +((keys[word7 & columnMask] as number) > (nodes[place7] as number));
        place8 = (word8 >>> columnBits) + +((keys[word8 & columnMask] as number) > (nodes[place8] as number));
        place9 = (word9 >>> columnBits) + +((keys[word9 & columnMask] as number) > (nodes[place9] as number));
      }
      sum += leafValues[nodes[place0] as number] as number;
      sum += leafValues[nodes[place1] as number] as number;
      sum += leafValues[nodes[place2] as number] as number;
      sum += leafValues[nodes[place3] as number] as number;
      sum += leafValues[nodes[place4] as number] as number;
      sum += leafValues[nodes[place5] as number] as number;
      sum += leafValues[nodes[place6] as number] as number;
      sum += leafValues[nodes[place7] as number] as number;
      sum += leafValues[nodes[place8] as number] as number;
      sum += leafValues[nodes[place9] as number] as number;
    }
  }
  return sum / forest.treeCount; // one division: multiplying by 1/trees would differ
}

/** Fills `forest.keys` with the row's keys: as a node reads them where missing goes left, and where it goes right. */
function writeKeys(forest: CompiledForest, features: Float64Array | Float32Array): void {
  const { featureCount, keys, missingGoesRight, rounded, roundedBits } = forest;
  if (features.length !== featureCount) {
    throw new FeatureVectorError(`Expected ${featureCount} features, got ${features.length}`);
  }
  for (let feature = 0; feature < featureCount; feature++) {
    rounded[feature] = features[feature] as number;
  }
  for (let feature = 0; feature < featureCount; feature++) {
    const bits = roundedBits[feature] as number;
    const magnitude = bits & 0x7fffffff;
    if (magnitude === INFINITE) {
      throw new FeatureVectorError(`Feature ${feature} is infinite as float32`);
    }
    const missing = magnitude > INFINITE;
    const key = orderFloat32Bits(bits);
    keys[feature] = missing ? KEY_GOING_LEFT : key;
    keys[missingGoesRight | feature] = missing ? KEY_GOING_RIGHT : key;
  }
}
