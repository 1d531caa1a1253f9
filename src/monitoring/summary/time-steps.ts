import { type SummaryLevel } from '../traffic';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Lengths of the levels; all divide a day, and days begin with the UTC day since 1970. */
export const LEVEL_MS: Readonly<Record<SummaryLevel, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};

/** How far back each finer level is kept: what the longest charts of that level show, and as long again. */
export const STEPS_KEPT_MS = { minute: 2 * DAY_MS, hour: 62 * DAY_MS } as const;

/** Start of the step that a time falls into. */
export function startOfStep(timeMs: number, stepMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs;
}
