import { type InputValues } from '../application/application';
import { compileFeatures } from '../features/compile-features';
import { compileForest } from '../forest/compile-forest';
import { predictProbabilities } from '../forest/predict-probabilities';
import { predictProbability } from '../forest/predict-probability';
import { type Bundle } from './bundle';

/** From checked inputs to the probability of default. */
export interface Scorer {
  /**
   * P(default) of one application, in [0, 1].
   *
   * @throws {FeatureVectorError} when a feature is too large for float32, as scikit-learn refuses it
   */
  score(inputs: InputValues): number;
  /** The same for many, in order; faster per application from a few dozen on. */
  scoreAll(list: readonly InputValues[]): Float64Array;
  /** The feature vector of one application, shape [featureCount], float64, NaN where missing; a new array. */
  computeFeatures(inputs: InputValues): Float64Array;
}

/**
 * Makes a bundle's scorer: features, then forest. Keeps one feature vector of its own, so a call allocates nothing.
 */
export function compileScorer(bundle: Bundle): Scorer {
  const computeFeatures = compileFeatures(bundle);
  const forest = compileForest(bundle.forest);
  const width = bundle.features.length;
  const features = new Float64Array(width);
  return {
    score(inputs) {
      computeFeatures(inputs, features);
      return predictProbability(forest, features);
    },
    scoreAll(list) {
      const rows = new Float32Array(list.length * width);
      list.forEach((inputs, row) => {
        computeFeatures(inputs, features);
        rows.set(features, row * width);
      });
      return predictProbabilities(forest, rows, list.length);
    },
    computeFeatures(inputs) {
      computeFeatures(inputs, features);
      return features.slice();
    },
  };
}
