import { type CronTime } from 'cron';

/**
 * The first moment of a cron expression after a time, in milliseconds since the epoch; moments are whole seconds, UTC.
 *
 * Cost: about a millisecond, for whoever asks often.
 */
export function findNextMoment(cron: CronTime, afterMs: number): number {
  return cron.getNextDateFrom(new Date(afterMs), 'UTC').toMillis();
}
