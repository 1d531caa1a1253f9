import { type CronTime } from 'cron';
import { type Span } from '../span';
import { findNextMoment } from './find-next-moment';

/** A window to be reported, and since when. */
export interface DueWindow {
  readonly span: Span;
  /** When the report was due. */
  readonly momentMs: number;
}

/** Which windows to list. */
export interface DueWindowsQuery {
  readonly cron: CronTime;
  readonly windowHours: number;
  /** End of the newest window that was reported; before the first report, the time of the log's first record. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** How many at most: the newest ones are listed. */
  readonly most: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The windows whose moments have passed and that end after `sinceMs`, oldest first. A window ends with the last whole
 * hour (UTC) before its moment; several moments in an hour share one.
 *
 * Cost: O(most) steps of the cron expression, however long ago `sinceMs` is.
 */
export function listDueWindows(query: DueWindowsQuery): readonly DueWindow[] {
  const firstMs = endOfHour(query.sinceMs);
  // The expression can only be stepped forward: from ever farther back, until enough windows were passed.
  for (let lookBackMs = DAY_MS; ; lookBackMs *= 2) {
    const fromMs = Math.max(firstMs, startOfHour(query.nowMs) - lookBackMs);
    const windows = listFrom(query, fromMs);
    if (fromMs === firstMs || windows.length >= query.most) return windows.slice(-query.most);
  }
}

function listFrom({ cron, windowHours, nowMs }: DueWindowsQuery, fromMs: number): readonly DueWindow[] {
  const windows: DueWindow[] = [];
  let momentMs = findNextMoment(cron, fromMs - 1);
  while (momentMs <= nowMs) {
    const endMs = startOfHour(momentMs);
    windows.push({ span: { fromMs: endMs - windowHours * HOUR_MS, toMs: endMs }, momentMs });
    momentMs = findNextMoment(cron, endOfHour(endMs) - 1);
  }
  return windows;
}

function startOfHour(epochMs: number): number {
  return Math.floor(epochMs / HOUR_MS) * HOUR_MS;
}

function endOfHour(epochMs: number): number {
  return startOfHour(epochMs) + HOUR_MS;
}
