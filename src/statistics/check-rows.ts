import { StatisticsError } from './statistics-error';

/**
 * Lets a number of rows pass.
 *
 * @param argument name of the argument, for the message
 * @throws {StatisticsError} not a whole number, or less than 1
 */
export function checkRows(argument: string, rows: number): void {
  if (!Number.isSafeInteger(rows) || rows < 1) {
    throw new StatisticsError(`${argument} is not a number of rows; expected a whole number, 1 or more`);
  }
}
