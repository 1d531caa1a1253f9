import { type FieldProblem, ProblemException } from '../../../common/http/problem';
import { type Span } from '../../span';
import { type Period } from './overview.query';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const PERIOD_MS: Readonly<Record<Period, number>> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

/** A leap year: enough to compare a year with itself, little enough to draw. */
const LONGEST_DAYS = 366;

/** Which span the overview shows. */
export interface ChosenSpan {
  readonly period: Period | 'custom';
  /** On whole steps, so that it is shown as it was asked for. */
  readonly span: Span;
}

/**
 * The span of a query: a period that ends with the running step, or from–to.
 *
 * @throws {ProblemException} 400: a period beside from or to, to without from, from after to or in the
 *   future, more than 366 days
 */
export function chooseSpan(
  query: { readonly period?: Period; readonly from?: string; readonly to?: string },
  nowMs: number,
): ChosenSpan {
  const { period, from, to } = query;
  if (from === undefined && to === undefined) return endAt(nowMs, period ?? 'day');
  if (period !== undefined) throw refuse('period', 'period must be absent beside from and to');
  if (from === undefined) throw refuse('from', 'from must be given with to');
  const fromMs = parseUtc(from);
  const toMs = to === undefined ? nowMs : parseUtc(to);
  if (fromMs > nowMs) throw refuse('from', 'from must not be in the future');
  if (fromMs > toMs) throw refuse('to', 'to must not be before from');
  if (toMs - fromMs > LONGEST_DAYS * DAY_MS)
    throw refuse('to', `to must be at most ${LONGEST_DAYS} days after from`);
  const step = stepOf(toMs - fromMs);
  const start = Math.floor(fromMs / step) * step;
  // What has not happened yet is not drawn; a span of no length shows its step.
  const end = Math.max(Math.ceil(Math.min(toMs, nowMs) / step) * step, start + step);
  return { period: 'custom', span: { fromMs: start, toMs: end } };
}

function endAt(nowMs: number, period: Period): ChosenSpan {
  const length = PERIOD_MS[period];
  const step = stepOf(length);
  const end = Math.ceil(nowMs / step) * step;
  return { period, span: { fromMs: end - length, toMs: end } };
}

/** The engine's step for a span of that length. */
function stepOf(lengthMs: number): number {
  if (lengthMs <= 3 * HOUR_MS) return MINUTE_MS;
  return lengthMs <= 8 * DAY_MS ? HOUR_MS : DAY_MS;
}

/** A day or time without zone is UTC, not the zone of the server. */
function parseUtc(time: string): number {
  const zoned = /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(time) ? `${time}Z` : time;
  return Date.parse(zoned);
}

function refuse(field: string, message: string): ProblemException {
  const errors: FieldProblem[] = [{ field, code: 'wrong_span', message }];
  return new ProblemException('invalid-parameter', 'Correct the parameters named in errors.', { errors });
}
