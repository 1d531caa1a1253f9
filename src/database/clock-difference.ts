/** Clocks of machines that are set by the network differ by less. The function `bound_clock` of the database has it too. */
export const MOST_CLOCK_DIFFERENCE_MS = 60_000;

/** SQL: the time now by the clock of the database, milliseconds since the epoch. */
export const DATABASE_CLOCK = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';

/** Whether two clocks differ by more than those of sound machines do. @param differenceMs milliseconds, of either sign */
export function isWrongClock(differenceMs: number): boolean {
  return !(Math.abs(differenceMs) <= MOST_CLOCK_DIFFERENCE_MS);
}
