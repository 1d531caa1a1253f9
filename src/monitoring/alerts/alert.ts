/** What an alert is about; with `subject`, one per subject (an input's name). */
export type AlertKind =
  'input_drifted' | 'error_rate' | 'latency' | 'no_traffic' | 'damaged_log_lines' | 'drift_job_overdue';

export type AlertState = 'open' | 'acknowledged' | 'closed';

/**
 * Figures that the texts of an alert are made of; numbers with their unit in the name, times in ISO 8601. By kind:
 *
 * - `input_drifted`: psi, threshold, adjustedPValue, rows, importance, windowFrom, windowTo, report (its id)
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
  readonly state: AlertState;
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
