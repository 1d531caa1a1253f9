import { type DriftBin } from '../../drift/drift-report';
import { type Reader } from '../reader';

/** Enough to tell the bounds of neighbouring bins apart. */
const SIGNIFICANT_DIGITS = 4;

/**
 * What to call a bin: the category, or the bounds of its values.
 *
 * @param whole whether its values are whole numbers: bounds are then the first and the last of them
 */
export function describeBin(
  bin: Pick<DriftBin, 'kind' | 'above' | 'upTo' | 'category'>,
  whole: boolean,
  { texts, formats }: Reader,
): string {
  const words = texts.drift.bins;
  if (bin.kind === 'missing') return words.missing;
  if (bin.kind === 'unseen') return words.unseen;
  if (bin.kind === 'category') return bin.category ?? '';
  const number = (value: number): string => formats.decimal(value, SIGNIFICANT_DIGITS);
  const { above = null, upTo = null } = bin;
  if (above === null) return upTo === null ? words.all : `≤ ${number(upTo)}`;
  if (!whole || !Number.isInteger(above)) {
    return upTo === null ? `> ${number(above)}` : `> ${number(above)} – ${number(upTo)}`;
  }
  const first = above + 1;
  if (upTo === null) return `≥ ${number(first)}`;
  return first === upTo ? number(upTo) : `${number(first)} – ${number(upTo)}`;
}
