import { BundleNode } from '../../scoring/bundle/bundle-node';
import { type Alert, ALERT_KINDS, ALERT_STAGES, type AlertFigures } from './alert';
import { type AlertNotice, type AlertState, type KeptAlert } from './alert-state';

/** First key of the file: another format is none of ours to read. */
export const ALERTS_FORMAT = 'alerts/1';

const TIME_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * Reads the text of `alerts.json`.
 *
 * @throws {BundleError} naming the key that is not as it was written
 */
export function parseAlertState(file: string, text: string): AlertState {
  const root = BundleNode.parse(file, text).members(['format', 'alerts', 'notices', 'damagedLines']);
  root.format.oneOf([ALERTS_FORMAT]);
  const damagedLines = root.damagedLines.members(['met', 'unacknowledged']);
  return {
    alerts: root.alerts.elements().map(parseKept),
    notices: root.notices.elements().map(parseNotice),
    damagedLines: {
      met: damagedLines.met.integer(0),
      unacknowledged: damagedLines.unacknowledged.integer(0),
    },
  };
}

function parseKept(node: BundleNode): KeptAlert {
  const { alert, looksWithoutCause, toldClosedAt } = node.members([
    'alert',
    'looksWithoutCause',
    'toldClosedAt',
  ]);
  return {
    alert: parseAlert(alert),
    looksWithoutCause: looksWithoutCause.integer(0),
    toldClosedAt: orNull(toldClosedAt, parseTime),
  };
}

function parseNotice(node: BundleNode): AlertNotice {
  const { id, event, at, alert, waitingFor } = node.members(['id', 'event', 'at', 'alert', 'waitingFor']);
  return {
    id: id.string(),
    event: event.oneOf(['opened', 'closed']),
    at: parseTime(at),
    alert: parseAlert(alert),
    waitingFor: waitingFor.elements().map((name) => name.string()),
  };
}

function parseAlert(node: BundleNode): Alert {
  const members = node.members([
    'id',
    'kind',
    'subject',
    'severity',
    'state',
    'figures',
    'openedAt',
    'lastSeenAt',
    'acknowledgedAt',
    'note',
    'acknowledgedBy',
    'closedAt',
  ]);
  const state = members.state.oneOf(ALERT_STAGES);
  const closedAt = orNull(members.closedAt, parseTime);
  if ((state === 'closed') !== (closedAt !== null)) members.closedAt.fail('a time if, and only if, closed');
  return {
    id: members.id.string(),
    kind: members.kind.oneOf(ALERT_KINDS),
    subject: orNull(members.subject, parseText),
    severity: members.severity.oneOf(['warning', 'critical']),
    state,
    figures: parseFigures(members.figures),
    openedAt: parseTime(members.openedAt),
    lastSeenAt: parseTime(members.lastSeenAt),
    acknowledgedAt: orNull(members.acknowledgedAt, parseTime),
    note: orNull(members.note, parseText),
    acknowledgedBy: orNull(members.acknowledgedBy, parseText),
    closedAt,
  };
}

function parseFigures(node: BundleNode): AlertFigures {
  const figures = [...node.entries()].map(([name, figure]): [string, number | string] => [
    name,
    typeof figure.value === 'number' ? figure.number() : figure.string(),
  ]);
  return Object.fromEntries(figures);
}

function parseText(node: BundleNode): string {
  return node.string();
}

function parseTime(node: BundleNode): string {
  const text = node.string(TIME_PATTERN, 'a time as 2026-11-23T00:00:00.000Z');
  if (Number.isNaN(Date.parse(text))) node.fail('a time that exists');
  return text;
}

function orNull<T>(node: BundleNode, parse: (node: BundleNode) => T): T | null {
  return node.value === null ? null : parse(node);
}
