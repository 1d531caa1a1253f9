/** Finer digits are noise and cost log space. */
const STEPS_PER_MILLISECOND = 10_000;

/** Milliseconds to the tenth of a microsecond, as records keep them. */
export function roundTime(milliseconds: number): number {
  return Math.round(milliseconds * STEPS_PER_MILLISECOND) / STEPS_PER_MILLISECOND;
}
