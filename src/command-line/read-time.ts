import { CommandError } from './command';

/** A day (its first moment, UTC), or a time that says its zone. */
const TIME_PATTERN = /^([1-9]\d{3}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads the time of an option, as `GET /predictions` takes times.
 *
 * @param option as it is typed, such as `--from`
 * @returns milliseconds since the epoch
 * @throws {CommandError} naming the option and what it must be
 */
export function readTime(option: string, text: string | undefined): number {
  const [, day] = TIME_PATTERN.exec(text ?? '') ?? [];
  const time = day === undefined ? NaN : Date.parse(text ?? '');
  // The 30th of February would pass as the 2nd of March.
  if (Number.isNaN(time) || new Date(`${day ?? ''}T00:00Z`).toISOString().slice(0, 10) !== day) {
    throw new CommandError(
      `${option} must be a day or a time with its zone in ISO 8601, such as 2026-01-31 or 2026-01-31T06:00:00Z. See --help.`,
    );
  }
  return time;
}
