import { type StoredDay, type StoredHistory, type StoredHour, type StoredMinutes } from './stored-history';
import { type SummaryRetention } from './summary-retention';

/** A finished hour, with all that is kept when it is. */
export interface FinishedHour {
  readonly startMs: number;
  readonly hour: StoredHour;
  readonly minutes: StoredMinutes;
  /** Start of the day that the hour is in. */
  readonly dayMs: number;
  /** That day up to the end of the hour. */
  readonly day: StoredDay;
  /** Raw values of the hour, as `ValueSample.store` writes them; undefined when they are not to be kept. */
  readonly sample: Buffer | undefined;
}

/** Stands in place of an hour's raw values once a client of that hour was erased: they are read from the log. */
export const ERASED_SAMPLE = Buffer.from('erased\n');

/**
 * Where the summaries of finished hours and days are kept. They repeat what is in the log, so what is lost or
 * damaged costs reading that part of the log again and nothing else.
 *
 * Where several processes share one, each keeps the hours that it has finished, at its own pace: an hour's records are
 * the same for all of them, and what one kept is not replaced by less.
 */
export interface SummaryStore {
  readonly retention: SummaryRetention;
  /**
   * All summaries; the first call of whoever keeps more. From the first damaged hour on, hours are left out, so that
   * they are read from the log again.
   */
  load(nowMs: number): Promise<StoredHistory>;
  /**
   * Keeps a finished hour; when it is there, all of it and all before it is. Raw values are left out when somebody
   * of that hour was erased meanwhile: they were gathered before.
   */
  keep(finished: FinishedHour): Promise<void>;
  /** Raw values of an hour, or `ERASED_SAMPLE`; undefined when there are none. */
  readSample(hourMs: number): Promise<Buffer | undefined>;
  /**
   * Removes the raw values of hours, and sees to it that they are not kept later either: an hour that is still open
   * in another process has them in memory. A row could be found by the id of its record, which stays.
   *
   * @param timesMs any times within these hours
   */
  eraseSamples(timesMs: readonly number[]): Promise<void>;
  /**
   * Removes what is older than it is kept.
   *
   * @param hourMs the newest hour that was kept: it stays, however old it is, as it says where to go on reading
   */
  removeOld(hourMs: number, nowMs: number): Promise<void>;
  /** Lets go of what it holds open. */
  close(): Promise<void>;
}
