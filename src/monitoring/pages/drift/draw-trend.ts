/** Box of the drawing, in SVG units, and the margin that keeps the strokes inside it. */
const WIDTH = 120;
const HEIGHT = 28;
const MARGIN = 2;

/** A small trend with its threshold, in a box of 120 × 28. */
export interface TrendView {
  /** `d` of the SVG path of the values. */
  readonly path: string;
  /** Where the threshold lies: distance from the upper edge. */
  readonly threshold: string;
  /** The last value: centre of a dot. */
  readonly end: { readonly x: string; readonly y: string };
}

/**
 * Draws values over the runs, from 0 up, with the threshold always in sight.
 *
 * @param values oldest first, 0 or more
 * @returns null without a value
 */
export function drawTrend(values: readonly number[], threshold: number): TrendView | null {
  const last = values.at(-1);
  if (last === undefined) return null;
  const top = Math.max(threshold * 1.5, ...values) || 1;
  const x = (index: number): string =>
    (MARGIN + (values.length > 1 ? index / (values.length - 1) : 1) * (WIDTH - 2 * MARGIN)).toFixed(1);
  const y = (value: number): string => (HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)).toFixed(1);
  return {
    path: values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(value)}`).join(''),
    threshold: y(threshold),
    end: { x: x(values.length - 1), y: y(last) },
  };
}
