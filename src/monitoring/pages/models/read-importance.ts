/** How much the forest owes to one feature; null for what the bundle does not tell. */
export interface FeatureImportance {
  /** Share of the impurity removed, in [0, 1]. */
  readonly impurity: number | null;
  /** Loss of ROC AUC when the feature is shuffled. */
  readonly permutation: number | null;
}

/**
 * Importance by feature from a bundle's `training.metrics.importance`; empty when the bundle has none or in
 * another shape, for nothing in the metrics is promised.
 */
export function readImportance(
  metrics: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, FeatureImportance> {
  const list: unknown = metrics['importance'];
  const byFeature = new Map<string, FeatureImportance>();
  if (!Array.isArray(list)) return byFeature;
  for (const entry of list as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null || !('feature' in entry)) continue;
    if (typeof entry.feature !== 'string') continue;
    byFeature.set(entry.feature, {
      impurity: 'impurity' in entry ? readNumber(entry.impurity) : null,
      permutation: 'permutation' in entry ? readNumber(entry.permutation) : null,
    });
  }
  return byFeature;
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
