import { type Bundle } from '../../../scoring/bundle/bundle';
import { type Alert } from '../../alerts/alert';
import { addressDriftInput } from '../drift/address-drift-input';
import { labelInput } from '../label-input';
import { type VerdictView } from '../overview/describe-verdict';
import { type Reader } from '../reader';
import { badgeCell, type BadgeView, type TableView, textCell, timeCell, type TimeView } from '../view-parts';
import { type AlertsData } from './alerts-data';
import { formatFigure } from './format-figure';
import { LONGEST_NOTE, type ReadNote } from './read-note';

/** Closed alerts on the page; the CSV has all. */
const MOST_CLOSED = 50;

/** Address of all alerts as CSV. */
const CSV_ADDRESS = '/monitoring/api/alerts?format=csv';

/** An alert that somebody has to look after, or does. */
export interface AlertView {
  readonly id: string;
  readonly badge: BadgeView;
  readonly title: string;
  readonly what: string;
  readonly action: string;
  readonly link: string | null;
  readonly since: TimeView;
  readonly lastSeen: TimeView;
  readonly acknowledgement: { readonly at: TimeView; readonly by: string; readonly note: string } | null;
  readonly form: {
    readonly action: string;
    readonly note: string;
    readonly longest: number;
    /** What is wrong with the note that was sent; null otherwise. */
    readonly problem: string | null;
  };
}

/** What `views/alerts.hbs` shows. */
export interface AlertsView {
  readonly verdict: VerdictView;
  /** What became of a form that was sent; null otherwise. */
  readonly message: { readonly level: 'good' | 'attention'; readonly text: string } | null;
  readonly open: readonly AlertView[];
  readonly acknowledged: readonly AlertView[];
  readonly closed: TableView;
  /** Set when there are more closed ones than shown. */
  readonly closedNote: string | null;
  readonly csv: string;
  readonly watched: readonly string[];
}

/** What became of a form: taken over, its alert closed in the meantime, or its note is to be corrected. */
export type FormOutcome =
  | { readonly kind: 'done' | 'gone'; readonly alertId: string }
  | { readonly kind: 'refused'; readonly alertId: string; readonly sent: ReadNote };

/** Words the alerts. */
export function describeAlerts(
  data: AlertsData,
  outcome: FormOutcome | null,
  bundle: Bundle,
  reader: Reader,
): AlertsView {
  const { formats } = reader;
  const words = reader.texts.alerts;
  const ofState = (state: Alert['state']): readonly Alert[] =>
    data.alerts.filter((alert) => alert.state === state);
  const view = (alert: Alert): AlertView => describeAlert(alert, outcome, bundle, reader);
  const closed = ofState('closed');
  const shown = closed.slice(0, MOST_CLOSED);
  return {
    verdict: describeVerdict(data, reader),
    message: describeMessage(data, outcome, bundle, reader),
    open: ofState('open').map(view),
    acknowledged: ofState('acknowledged').map(view),
    closed: describeClosed(shown, bundle, reader),
    closedNote:
      closed.length > shown.length
        ? words.closedNote(formats.integer(shown.length), formats.integer(closed.length))
        : null,
    csv: CSV_ADDRESS,
    watched: describeRules(data, reader),
  };
}

function describeVerdict({ alerts }: AlertsData, { texts, formats }: Reader): VerdictView {
  const words = texts.alerts.verdict;
  const open = alerts.filter(({ state }) => state === 'open');
  const acknowledged = alerts.filter(({ state }) => state === 'acknowledged').length;
  const level =
    open.length === 0
      ? acknowledged === 0
        ? 'good'
        : 'attention'
      : open.some(({ severity }) => severity === 'critical')
        ? 'critical'
        : 'attention';
  const looked = words.acknowledged(acknowledged, formats.integer(acknowledged));
  const title =
    open.length > 0
      ? words.open(open.length, formats.integer(open.length))
      : acknowledged > 0
        ? looked
        : words.none;
  const item = { level, word: texts.frame.levels[level], link: null, action: null } as const;
  const sentence = level === 'good' ? words.noneAction : words.openAction;
  return { level, title, items: [{ ...item, topic: '', sentence }] };
}

function describeMessage(
  { alerts }: AlertsData,
  outcome: FormOutcome | null,
  bundle: Bundle,
  reader: Reader,
): AlertsView['message'] {
  const words = reader.texts.alerts;
  if (outcome?.kind === 'gone') return { level: 'attention', text: words.gone };
  if (outcome?.kind !== 'done') return null;
  // Told by an address, which anybody can write: only what is so is said.
  const alert = alerts.find(({ id, note }) => id === outcome.alertId && note !== null);
  return alert ? { level: 'good', text: words.done(titleOf(alert, bundle, reader)) } : null;
}

function describeAlert(alert: Alert, outcome: FormOutcome | null, bundle: Bundle, reader: Reader): AlertView {
  const { formats } = reader;
  const words = reader.texts.alerts;
  const kind = words.kinds[alert.kind];
  const weight =
    typeof alert.figures['importance'] === 'number' && alert.figures['importance'] > 0
      ? ` ${words.importance(formatFigure(alert, 'importance', formats, words.unknown))}`
      : '';
  const refused = outcome?.kind === 'refused' && outcome.alertId === alert.id ? outcome.sent : null;
  const report = alert.figures['report'];
  return {
    id: alert.id,
    badge: badgeOf(alert, reader),
    title: titleOf(alert, bundle, reader),
    what: `${kind.what((name) => formatFigure(alert, name, formats, words.unknown))}${weight}`,
    action: kind.action,
    link:
      alert.kind === 'input_drifted' && alert.subject !== null
        ? addressDriftInput(alert.subject, typeof report === 'string' ? report : null)
        : null,
    since: formats.time(alert.openedAt),
    lastSeen: formats.time(alert.lastSeenAt),
    acknowledgement:
      alert.acknowledgedAt === null
        ? null
        : {
            at: formats.time(alert.acknowledgedAt),
            by: words.by(alert.acknowledgedBy ?? ''),
            note: alert.note ?? '',
          },
    form: {
      action: `/monitoring/alerts/${alert.id}/acknowledge`,
      note: refused ? refused.note : (alert.note ?? ''),
      longest: LONGEST_NOTE,
      problem: refused?.problem ? words.noteProblems[refused.problem] : null,
    },
  };
}

function describeClosed(alerts: readonly Alert[], bundle: Bundle, reader: Reader): TableView {
  const { formats } = reader;
  const words = reader.texts.alerts;
  const text = (label: string): TableView['columns'][number] => ({ label, numeric: false });
  return {
    caption: words.closedCaption,
    columns: [
      text(words.what),
      text(words.severity),
      text(words.opened),
      text(words.closed),
      text(words.noteColumn),
    ],
    rows: alerts.map((alert) => [
      textCell(titleOf(alert, bundle, reader)),
      badgeCell(badgeOf(alert, reader)),
      timeCell(formats.time(alert.openedAt)),
      alert.closedAt === null ? textCell(words.unknown) : timeCell(formats.time(alert.closedAt)),
      textCell(alert.note ?? ''),
    ]),
    csv: CSV_ADDRESS,
    empty: words.noneClosed,
  };
}

function describeRules({ rules }: AlertsData, { texts, formats }: Reader): readonly string[] {
  const words = texts.alerts.watched;
  const minutes = (count: number): string => formats.duration(count * 60_000);
  const window = minutes(rules.windowMinutes);
  return [
    words.inputDrifted(formats.decimal(rules.psi.moderate), formats.decimal(rules.psi.major)),
    words.unavailable,
    words.errorRate(formats.share(rules.errorRate), window),
    words.latency(formats.milliseconds(rules.latencyP95Ms), window),
    words.silence(minutes(rules.silenceMinutes)),
    words.damaged,
    words.overdue,
  ];
}

function titleOf({ kind, subject }: Alert, bundle: Bundle, reader: Reader): string {
  const label = subject === null ? '' : labelInput(subject, bundle, reader);
  return reader.texts.alerts.kinds[kind].title(label);
}

function badgeOf({ severity, state }: Alert, { texts }: Reader): BadgeView {
  const level = state === 'closed' ? 'unknown' : severity === 'critical' ? 'critical' : 'attention';
  return { level, text: texts.alerts.severities[severity] };
}
