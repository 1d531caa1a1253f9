import { type InputValue } from '../../../scoring/application/application';
import { type CategoryDistribution, type NumericDistribution } from '../../../scoring/reference/reference';
import { type DriftBin } from '../../drift/drift-report';

/** Where a value stands among the rows of the reference. */
export interface ReferencePosition extends Pick<DriftBin, 'kind' | 'above' | 'upTo' | 'category'> {
  /** Of the reference's rows, the share in the same bin. */
  readonly share: number;
  /** Shares of the reference's values below the bin, and up to its end; null where there is no order. */
  readonly below: number | null;
  readonly through: number | null;
}

/**
 * The bin of the reference that a value falls into, and how much of the reference lies below it.
 *
 * @returns shares in [0, 1]; of numbers among those that have a value, otherwise among all rows
 */
export function findReferencePosition(
  value: InputValue,
  distribution: NumericDistribution | CategoryDistribution,
): ReferencePosition {
  const { counts, missing } = distribution;
  const valued = sum(counts);
  const rows = valued + missing;
  const unordered = { below: null, through: null };
  if (value === null) return { kind: 'missing', share: missing / rows, ...unordered };
  if ('categories' in distribution) {
    const index = distribution.categories.indexOf(String(value));
    if (index < 0) return { kind: 'unseen', category: String(value), share: 0, ...unordered };
    return { kind: 'category', category: String(value), share: (counts[index] ?? 0) / rows, ...unordered };
  }
  const { edges } = distribution;
  const found = edges.findIndex((edge) => Number(value) <= edge);
  const index = found < 0 ? edges.length : found;
  const below = sum(counts.slice(0, index)) / valued;
  const share = (counts[index] ?? 0) / valued;
  return {
    kind: 'range',
    above: edges[index - 1] ?? null,
    upTo: edges[index] ?? null,
    share,
    below,
    through: sum(counts.slice(0, index + 1)) / valued,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
