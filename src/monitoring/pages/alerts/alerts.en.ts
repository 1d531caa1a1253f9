import { type Alert, type AlertKind } from '../../alerts/alert';
import { type ReadNote } from './read-note';

/** A figure of the alert, ready to be shown. */
type Figure = (name: string) => string;

/** What an alert is about, and what to do. */
interface KindWords {
  readonly title: (subject: string) => string;
  readonly what: (figure: Figure) => string;
  readonly action: string;
}

const kinds: Record<AlertKind, KindWords> = {
  input_drifted: {
    title: (subject) => `${subject} has drifted`,
    what: (figure) =>
      `PSI ${figure('psi')}, and it counts from ${figure('threshold')}; ${figure('rows')} decisions from ${figure('windowFrom')} to ${figure('windowTo')}.`,
    action:
      'Look at its values, and ask whether the applicants or the source of the data changed before trusting the model further.',
  },
  log_unavailable: {
    title: () => 'Decisions cannot be recorded, so none is made',
    what: (figure) =>
      `The prediction log could not be used from ${figure('since')} on, for ${figure('lastedSeconds')} when last looked at; answers that left no record: ${figure('unrecorded')} or more. ${figure('reason')}.`,
    action: 'Do what the reason says; /health/ready tells whether it still holds. Nothing needs a restart.',
  },
  error_rate: {
    title: () => 'Requests fail on our side',
    what: (figure) =>
      `${figure('failed')} of ${figure('requests')} requests failed within ${figure('windowMinutes')}: ${figure('rate')}, limit ${figure('threshold')}.`,
    action: 'Look at /health/ready for the reason, and for errors in the application log.',
  },
  latency: {
    title: () => 'Answers are slow',
    what: (figure) =>
      `One answer in twenty took ${figure('p95Ms')} or longer within ${figure('windowMinutes')} (${figure('requests')} requests); limit ${figure('thresholdMs')}.`,
    action:
      'Look at processor, memory and event-loop delay on the overview: add an instance when they are at their limit, look at the disk when they are not.',
  },
  no_traffic: {
    title: () => 'No application comes any more',
    what: (figure) =>
      `Silent for ${figure('silentMinutes')}, limit ${figure('thresholdMinutes')}; the last one came ${figure('lastRecordAt')}.`,
    action: 'Check that callers reach /health/ready from their side, and ask whether they sent any.',
  },
  damaged_log_lines: {
    title: () => 'Damaged lines in the prediction log',
    what: (figure) => `Lines whose checksum does not hold: ${figure('lines')}.`,
    action:
      'Look at the disk and at damaged-lines.ndjson in the folder of the log, restore the records from a backup, then acknowledge: that ends this alert.',
  },
  drift_job_overdue: {
    title: () => 'A drift report is overdue',
    what: (figure) =>
      `More than an hour late (DRIFT_CRON ${figure('cron')}); the last reported window ended ${figure('lastWindowEnd')}.`,
    action: 'Look for errors of the drift job in the application log; npm run drift makes a report by hand.',
  },
};

const severities: Record<Alert['severity'], string> = { warning: 'Warning', critical: 'Critical' };

const noteProblems: Record<NonNullable<ReadNote['problem']>, string> = {
  missing: 'Write what you know or do: 1 to 500 characters.',
  too_long: 'Write at most 500 characters.',
  control_characters: 'Write plain text: it holds control characters.',
};

/** Words of the page of alerts; parameters are numbers and names ready to be shown. */
export const alertsEn = {
  title: 'Alerts',
  verdict: {
    label: 'Verdict',
    open: (count: number, shown: string): string => (count === 1 ? '1 open alert' : `${shown} open alerts`),
    acknowledged: (count: number, shown: string): string =>
      count === 1 ? '1 alert is being looked after' : `${shown} alerts are being looked after`,
    none: 'No open alert',
    openAction:
      'Find the cause, then acknowledge with a note. An alert closes by itself when its cause is gone.',
    noneAction: 'What is watched stands below.',
  },
  done: (title: string): string => `Acknowledged: ${title}`,
  gone: 'This alert has closed in the meantime: its cause is gone, and nothing is to be acknowledged.',
  openHeading: 'Open',
  acknowledgedHeading: 'Acknowledged',
  closedHeading: 'Closed',
  noneOpen: 'None.',
  noneClosed: 'None has closed yet.',
  unknown: 'never',
  kinds,
  severities,
  since: 'Since',
  lastSeen: 'Last seen',
  importance: (share: string): string => `It weighs ${share} in the model.`,
  todo: 'What to do:',
  look: 'See its values',
  acknowledgedBy: 'Acknowledged',
  by: (who: string): string => `by ${who}`,
  note: 'Note: what you know or do',
  send: 'Acknowledge',
  change: 'Change the note',
  noteProblems,
  closedCaption: 'Closed alerts, newest first',
  what: 'What',
  severity: 'Severity',
  opened: 'Since',
  closed: 'Closed',
  noteColumn: 'Note',
  closedNote: (shown: string, all: string): string => `${shown} of ${all} closed alerts; the CSV has all.`,
  csv: 'All alerts',
  watched: {
    heading: 'What opens an alert',
    inputDrifted: (moderate: string, major: string): string =>
      `An input drifted in the latest report: PSI from ${moderate} on (critical from ${major}), and significant.`,
    unavailable: 'The prediction log cannot be used.',
    errorRate: (rate: string, minutes: string): string =>
      `More than ${rate} of requests failed on our side within ${minutes}.`,
    latency: (latency: string, minutes: string): string =>
      `The 95th percentile of the time to answer was above ${latency} within ${minutes}.`,
    silence: (minutes: string): string => `No application for ${minutes}, after a day with some.`,
    damaged: 'Damaged lines in the prediction log.',
    overdue: 'A drift report late by more than an hour.',
  },
};
