import { type Alert } from './alert';
import {
  type AlertCause,
  type AlertEvent,
  type CauseKey,
  type Findings,
  type KeptAlert,
} from './alert-state';

/** A cause that comes and goes from one look to the next is still there. */
const LOOKS_UNTIL_CLOSED = 2;

/** More than a page can show; what is dropped is the oldest that is closed. */
const MOST_ALERTS = 1000;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When and by which rules a look is judged. */
export interface LookRules {
  readonly nowMs: number;
  readonly cooldownMinutes: number;
  /** Days for which closed alerts are kept. */
  readonly retentionDays: number;
  /** Gives out ids for new alerts. */
  readonly newId: () => string;
}

/**
 * One step of every alert: open → acknowledged → closed.
 *
 * - A cause without an alert opens one, and the sinks are told.
 * - An alert closes when its cause was gone at two looks in a row, and the sinks are told if they know it as open.
 * - A cause that is back within the cooldown of its alert's closing opens that alert again, and nobody is told, unless
 *   it is still open, and unacknowledged, once the cooldown since the sinks were told of the closing is over: who was
 *   told that it is well must learn that it is not.
 * - What a look could not tell leaves its alert as it is.
 *
 * @returns the alerts after the look, and what the sinks have to be told, in this order. Pure but for `newId`.
 */
export function updateAlerts(
  alerts: readonly KeptAlert[],
  { causes, undecided }: Findings,
  rules: LookRules,
): { readonly alerts: readonly KeptAlert[]; readonly events: readonly AlertEvent[] } {
  const holding = new Map(causes.map((cause) => [keyOf(cause), cause]));
  const cannotTell = ({ kind, subject }: CauseKey): boolean =>
    undecided.kinds.has(kind) ||
    (kind === 'input_drifted' && subject !== null && undecided.inputs.has(subject));
  const events: AlertEvent[] = [];
  const reopening = findReopening(alerts, holding, rules);

  const updated = alerts.map((kept) => {
    const key = keyOf(kept.alert);
    if (kept.alert.state === 'closed' && reopening.get(key) !== kept) return kept;
    const cause = holding.get(key);
    holding.delete(key);
    if (cannotTell(kept.alert)) return { ...kept, looksWithoutCause: 0 };
    return cause === undefined ? noteAbsence(kept, rules, events) : noteCause(kept, cause, rules, events);
  });
  for (const cause of holding.values()) {
    if (cannotTell(cause)) continue;
    const alert = openAlert(cause, rules);
    events.push({ event: 'opened', alert });
    updated.push({ alert, looksWithoutCause: 0, toldClosedAt: null });
  }
  return { alerts: dropOldest(updated, rules), events };
}

function keyOf({ kind, subject }: CauseKey): string {
  return JSON.stringify([kind, subject]);
}

/** By key, the alert to open again: the one closed last, if that was within the cooldown and none is open. */
function findReopening(
  alerts: readonly KeptAlert[],
  holding: ReadonlyMap<string, AlertCause>,
  { nowMs, cooldownMinutes }: LookRules,
): ReadonlyMap<string, KeptAlert> {
  const found = new Map<string, KeptAlert>();
  for (const kept of alerts) {
    const { closedAt } = kept.alert;
    const key = keyOf(kept.alert);
    if (closedAt === null || !holding.has(key)) continue;
    if (nowMs - Date.parse(closedAt) < cooldownMinutes * MINUTE_MS) found.set(key, kept);
  }
  for (const { alert } of alerts) if (alert.state !== 'closed') found.delete(keyOf(alert));
  return found;
}

function openAlert({ kind, subject, severity, figures }: AlertCause, { nowMs, newId }: LookRules): Alert {
  const now = new Date(nowMs).toISOString();
  return {
    id: newId(),
    kind,
    subject,
    severity,
    state: 'open',
    figures,
    openedAt: now,
    lastSeenAt: now,
    acknowledgedAt: null,
    note: null,
    acknowledgedBy: null,
    closedAt: null,
  };
}

function noteCause(
  { alert: before, toldClosedAt }: KeptAlert,
  { kind, severity, figures }: AlertCause,
  { nowMs, cooldownMinutes }: LookRules,
  events: AlertEvent[],
): KeptAlert {
  // Acknowledging ends damaged lines, so that more of them are news; and what was noted about an end is history.
  const isNews =
    before.state === 'closed' || (kind === 'damaged_log_lines' && before.state === 'acknowledged');
  const alert: Alert = {
    ...before,
    severity,
    figures,
    lastSeenAt: new Date(nowMs).toISOString(),
    closedAt: null,
    ...(isNews && { state: 'open', acknowledgedAt: null, note: null, acknowledgedBy: null }),
  };
  const isDue =
    alert.state === 'open' &&
    toldClosedAt !== null &&
    nowMs - Date.parse(toldClosedAt) >= cooldownMinutes * MINUTE_MS;
  if (isDue) events.push({ event: 'opened', alert });
  return { alert, looksWithoutCause: 0, toldClosedAt: isDue ? null : toldClosedAt };
}

function noteAbsence(kept: KeptAlert, { nowMs }: LookRules, events: AlertEvent[]): KeptAlert {
  const looksWithoutCause = kept.looksWithoutCause + 1;
  if (looksWithoutCause < LOOKS_UNTIL_CLOSED) return { ...kept, looksWithoutCause };
  const closedAt = new Date(nowMs).toISOString();
  const alert: Alert = { ...kept.alert, state: 'closed', closedAt };
  if (kept.toldClosedAt === null) events.push({ event: 'closed', alert });
  return { alert, looksWithoutCause: 0, toldClosedAt: kept.toldClosedAt ?? closedAt };
}

/** Without closed alerts beyond their retention, and without the oldest closed ones beyond the limit. */
function dropOldest(alerts: readonly KeptAlert[], { nowMs, retentionDays }: LookRules): readonly KeptAlert[] {
  const closedAtMs = ({ alert }: KeptAlert): number =>
    alert.closedAt === null ? Infinity : Date.parse(alert.closedAt);
  const recent = alerts.filter((kept) => closedAtMs(kept) >= nowMs - retentionDays * DAY_MS);
  if (recent.length <= MOST_ALERTS) return recent;
  const newestFirst = [...recent].sort((one, other) => compare(closedAtMs(other), closedAtMs(one)));
  const kept = new Set(newestFirst.slice(0, MOST_ALERTS));
  return recent.filter((each) => kept.has(each));
}

/** Not a subtraction: two infinities have no difference. */
function compare(one: number, other: number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
