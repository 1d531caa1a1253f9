import { type StoredSummary } from './summary';
import { HOUR_MS, STEPS_KEPT_MS } from './time-steps';

/** A finished hour as it is kept; everything before its end is kept too when it is. */
export interface StoredHour {
  readonly format: 'log-summary/1';
  /** The last record that is in it: reading goes on behind. */
  readonly lastId: string;
  /** Time of the log's first record. */
  readonly firstRecordAtMs: number;
  /** Damaged lines met while reading the records of this hour. */
  readonly damagedLines: number;
  readonly summary: StoredSummary;
}

/** The finished minutes of an hour, by their start. */
export interface StoredMinutes {
  readonly format: 'log-summary/1';
  readonly minutes: readonly (readonly [startMs: number, summary: StoredSummary])[];
}

/** A day up to its last finished hour. */
export interface StoredDay {
  readonly format: 'log-summary/1';
  readonly summary: StoredSummary;
}

/** All that was kept, by the start of the step. */
export interface StoredHistory {
  readonly minutes: ReadonlyMap<number, StoredSummary>;
  readonly hours: ReadonlyMap<number, StoredHour>;
  readonly days: ReadonlyMap<number, StoredSummary>;
}

/** What was kept of one step: its start, and its JSON in UTF-8. */
export type StoredStep = readonly [startMs: number, bytes: Buffer | undefined];

/**
 * Puts together what was kept. From the first hour on that cannot be understood, hours are left out, so that they
 * are read from the log again.
 *
 * @param kept steps of each kind, oldest first
 */
export function assembleHistory(
  kept: Readonly<Record<'minutes' | 'hours' | 'days', readonly StoredStep[]>>,
  nowMs: number,
): StoredHistory {
  const hours = new Map<number, StoredHour>();
  for (const [startMs, bytes] of kept.hours) {
    const hour = parseStored(bytes) as StoredHour | undefined;
    if (hour === undefined) break;
    hours.set(startMs, hour);
  }
  const end = Math.max(...hours.keys(), Number.NEGATIVE_INFINITY) + HOUR_MS;
  const minutes = new Map<number, StoredSummary>();
  for (const [hourMs, bytes] of kept.minutes) {
    if (hourMs >= end || hourMs < nowMs - STEPS_KEPT_MS.minute) continue;
    const stored = parseStored(bytes) as StoredMinutes | undefined;
    for (const [startMs, summary] of stored?.minutes ?? []) minutes.set(startMs, summary);
  }
  const days = new Map<number, StoredSummary>();
  for (const [startMs, bytes] of kept.days) {
    const stored = parseStored(bytes) as StoredDay | undefined;
    if (stored !== undefined) days.set(startMs, stored.summary);
  }
  return { minutes, hours, days };
}

/** What this program wrote is taken as it is: what was cut off is no JSON any more. */
function parseStored(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    const content = JSON.parse(bytes.toString('utf8')) as { readonly format?: unknown } | null;
    return content?.format === 'log-summary/1' ? content : undefined;
  } catch {
    return undefined;
  }
}
