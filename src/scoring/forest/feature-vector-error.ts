/** A feature vector that a forest cannot answer. The message names the place, never the value. */
export class FeatureVectorError extends Error {
  override readonly name = 'FeatureVectorError';
}
