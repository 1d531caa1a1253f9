import { firstIdAt, isRecordId } from '../issue-record-id';
import { type LogQuery } from '../prediction-log';

const LARGEST_PAGE = 10_000;

/**
 * Refuses a query that no adapter could answer.
 *
 * @throws {RangeError} a bound that is no id, or a limit that is not a whole number from 1 to 10,000
 */
export function checkLogQuery({ after, before, limit }: LogQuery): void {
  for (const bound of [after, before]) {
    if (bound !== undefined && !isRecordId(bound)) {
      throw new RangeError(`A bound must be a record's id or firstIdAt(time), as ${firstIdAt(0)}`);
    }
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
    throw new RangeError(`The limit must be a whole number from 1 to ${String(LARGEST_PAGE)}`);
  }
}
