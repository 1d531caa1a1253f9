import { type AlertKind } from './alert';
import { type AlertEvent } from './alert-state';

/** Enough digits to compare with a threshold. */
const DIGITS = 4;

type Figure = (name: string) => string;

/** A sentence about what is wrong, and one about what to do. */
const TEXTS: Readonly<Record<AlertKind, (figure: Figure, subject: string) => readonly [string, string]>> = {
  input_drifted: (figure, subject) => [
    `${subject} has drifted: PSI ${figure('psi')}, threshold ${figure('threshold')}, over ${figure('rows')} decisions from ${figure('windowFrom')} to ${figure('windowTo')}.`,
    `See /monitoring/drift/${encodeURIComponent(subject)}, and ask whether the applicants or the source of the data changed before trusting the model further.`,
  ],
  log_unavailable: (figure) => [
    `The prediction log could not be used from ${figure('since')} on, for ${figure('lastedSeconds')} seconds when last looked at, and no decision is made without it; answers that left no record: ${figure('unrecorded')} or more. The reason: ${figure('reason')}.`,
    'Do what the reason says; GET /health/ready tells whether it still holds. Nothing needs a restart.',
  ],
  error_rate: (figure) => [
    `${figure('failed')} of ${figure('requests')} requests failed in the last ${figure('windowMinutes')} minutes: a share of ${figure('rate')}, threshold ${figure('threshold')}.`,
    'See GET /health/ready for the reason, and the errors in the application log.',
  ],
  latency: (figure) => [
    `The 95th percentile of the time to answer was ${figure('p95Ms')} ms in the last ${figure('windowMinutes')} minutes (${figure('requests')} requests), threshold ${figure('thresholdMs')} ms.`,
    'See CPU, memory and event-loop delay on /monitoring: add an instance when they are at their limit, look at the disk when they are not.',
  ],
  no_traffic: (figure) => [
    `No application has come for ${figure('silentMinutes')} minutes, threshold ${figure('thresholdMinutes')}; the last one came at ${figure('lastRecordAt')}.`,
    'Check that callers reach the service (GET /health/ready from their side), and ask whether they sent any.',
  ],
  damaged_log_lines: (figure) => [
    `Damaged lines were found in the prediction log: ${figure('lines')}.`,
    "Look at the disk and at damaged-lines.ndjson in the log's folder, restore the records from a backup, then acknowledge this alert, which ends it.",
  ],
  drift_job_overdue: (figure) => [
    `A drift report is overdue by more than an hour (DRIFT_CRON ${figure('cron')}); the last window reported ended at ${figure('lastWindowEnd')}.`,
    'Look for errors of the drift job in the application log; npm run drift makes a report by hand.',
  ],
};

/** The English text of an event for the log and the webhook: what it is about, then what to do. */
export function describeAlert({ event, alert }: AlertEvent): string {
  const figure: Figure = (name) => {
    const value = alert.figures[name] ?? 'unknown';
    return typeof value === 'number' ? String(Number(value.toPrecision(DIGITS))) : value;
  };
  const [what, whatToDo] = TEXTS[alert.kind](figure, alert.subject ?? '');
  return event === 'opened'
    ? `${what} ${whatToDo}`
    : `Over since ${alert.closedAt ?? 'now'}: ${what} Nothing is left to do.`;
}
