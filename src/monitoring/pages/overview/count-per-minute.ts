import { type TrafficPoint } from '../../traffic';

const MINUTE_MS = 60_000;

/**
 * Requests per minute of a step; of the running one, over what has passed of it, so that it shows no fall
 * that did not happen.
 *
 * @returns null for a step that has not begun
 */
export function countPerMinute(point: TrafficPoint, nowMs: number): number | null {
  const elapsedMs = Math.min(point.toMs, nowMs) - point.fromMs;
  return elapsedMs > 0 ? (point.requests * MINUTE_MS) / elapsedMs : null;
}
