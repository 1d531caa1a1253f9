import { type Reader } from '../reader';
import { describeTransform } from './describe-transform';
import { type ModelCard } from './model-card';

/** A feature's row, with its importance as the width of a bar. */
interface FeatureRow {
  readonly name: string;
  readonly formula: string;
  readonly permutation: string;
  readonly impurity: string;
  /** Of the largest, as an SVG length such as `62.5%`; null when nothing is known. */
  readonly width: string | null;
}

/** The features, the most important first. */
export interface FeaturesView {
  readonly rows: readonly FeatureRow[];
  readonly csv: string;
  /** Whether the bundle tells any importance. */
  readonly known: boolean;
}

/** Ranks the features by permutation importance, or by impurity where that is all the bundle tells. */
export function describeModelFeatures(
  { features }: ModelCard,
  { formats }: Reader,
): Omit<FeaturesView, 'csv'> {
  const weight = (feature: ModelCard['features'][number]): number =>
    Math.max(0, feature.permutation ?? feature.impurity ?? 0);
  const largest = Math.max(...features.map(weight));
  const known = features.some((feature) => feature.permutation !== null || feature.impurity !== null);
  return {
    known,
    rows: features
      .toSorted((left, right) => weight(right) - weight(left))
      .map((feature) => ({
        name: feature.name,
        formula: describeTransform(feature.transform),
        permutation: formats.decimal(feature.permutation, 2),
        impurity: formats.share(feature.impurity),
        width: known && largest > 0 ? `${((weight(feature) / largest) * 100).toFixed(1)}%` : null,
      })),
  };
}
