/** What an alert can be about. */
export const ALERT_KINDS = [
  'input_drifted',
  'log_unavailable',
  'error_rate',
  'latency',
  'no_traffic',
  'damaged_log_lines',
  'drift_job_overdue',
] as const;

/** One of `ALERT_KINDS`; with `subject`, one per subject (an input's name). */
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What becomes of an alert, in the order in which pages list them. */
export const ALERT_STAGES = ['open', 'acknowledged', 'closed'] as const;

/** One of `ALERT_STAGES`. */
export type AlertStage = (typeof ALERT_STAGES)[number];

/**
 * Figures that the texts of an alert are made of; numbers with their unit in the name, times in ISO 8601. By kind:
 *
 * - `input_drifted`: psi, threshold, adjustedPValue, rows, importance, windowFrom, windowTo, report (its id)
 * - `log_unavailable`: reason, since, lastedSeconds, unrecorded (answers, as far as the process that tells it knows)
 * - `error_rate`: failed, requests, rate, threshold (shares), windowMinutes
 * - `latency`: p95Ms, thresholdMs, requests, windowMinutes
 * - `no_traffic`: silentMinutes, thresholdMinutes, lastRecordAt
 * - `damaged_log_lines`: lines
 * - `drift_job_overdue`: cron, windowHours, lastWindowEnd (absent before the first report)
 */
export type AlertFigures = Readonly<Record<string, number | string>>;

/** One thing that is, or was, not as it should be. */
export interface Alert {
  /** Random UUID. */
  readonly id: string;
  readonly kind: AlertKind;
  /** The input, for `input_drifted`. */
  readonly subject: string | null;
  readonly severity: 'warning' | 'critical';
  readonly state: AlertStage;
  readonly figures: AlertFigures;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** When the cause was last found to hold. */
  readonly lastSeenAt: string;
  readonly acknowledgedAt: string | null;
  /** What whoever acknowledged it wrote. */
  readonly note: string | null;
  readonly acknowledgedBy: string | null;
  readonly closedAt: string | null;
}
