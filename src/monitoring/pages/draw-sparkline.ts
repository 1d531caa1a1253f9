/** Box of the partial `sparkline`, in SVG units, and the margin that keeps the stroke inside it. */
const WIDTH = 120;
const HEIGHT = 28;
const MARGIN = 2;

/**
 * A small trend as the `d` of an SVG path in a box of 120 × 28; nulls are gaps.
 *
 * @param values oldest first
 * @param atLeast the axis reaches from 0 to the largest value, but at least to this
 * @returns null with fewer than two values: a point is no trend
 */
export function drawSparkline(values: readonly (number | null)[], atLeast = 0): string | null {
  if (values.filter((value) => value !== null).length < 2) return null;
  const top = Math.max(atLeast, ...values.map((value) => value ?? 0)) || 1;
  let gap = true;
  let path = '';
  values.forEach((value, index) => {
    if (value === null) {
      gap = true;
      return;
    }
    const x = MARGIN + (index / (values.length - 1)) * (WIDTH - 2 * MARGIN);
    const y = HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
    path += `${gap ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    gap = false;
  });
  return path;
}
