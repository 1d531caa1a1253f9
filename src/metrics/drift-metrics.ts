import { Gauge, type Registry } from 'prom-client';
import { createUnsetGauge } from './create-unset-gauge';

/** What a drift report says of one input, or of the probability. */
export interface DriftGauges {
  readonly name: string;
  /** Population stability index; undefined when there were too few rows to know. */
  readonly psi?: number | undefined;
  /** After Benjamini–Hochberg, in [0, 1]; undefined when there were too few rows to know. */
  readonly adjustedPValue?: number | undefined;
  readonly verdict: 'stable' | 'drifted' | 'insufficient_data';
}

const VERDICT_VALUES = { stable: 0, drifted: 1, insufficient_data: -1 } as const;

/** What the last drift report found, when its job last succeeded, and what is open because of it. */
export class DriftMetrics {
  private readonly psi: Gauge<'input'>;
  private readonly adjustedPValue: Gauge<'input'>;
  private readonly verdict: Gauge<'input'>;
  private readonly rows: Gauge;
  private readonly windowEnd: Gauge;
  private readonly lastSuccess: Gauge;
  private readonly openAlerts: Gauge<'severity'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['input'] as const;
    this.psi = new Gauge({
      name: 'credit_scoring_drift_psi',
      help: 'Population stability index against the training data, by input.',
      labelNames,
      registers,
    });
    this.adjustedPValue = new Gauge({
      name: 'credit_scoring_drift_adjusted_p_value',
      help: 'P-value against the training data after Benjamini-Hochberg, by input.',
      labelNames,
      registers,
    });
    this.verdict = new Gauge({
      name: 'credit_scoring_drift_verdict',
      help: '0: stable. 1: drifted. -1: too few rows to know. By input.',
      labelNames,
      registers,
    });
    this.openAlerts = new Gauge({
      name: 'credit_scoring_open_alerts',
      help: 'Alerts of the drift monitoring that nobody has closed, by severity.',
      labelNames: ['severity'],
      registers,
    });
    this.rows = createUnsetGauge(
      registry,
      'credit_scoring_drift_rows',
      'Decisions in the window of the last drift report.',
    );
    this.windowEnd = createUnsetGauge(
      registry,
      'credit_scoring_drift_job_window_end_timestamp_seconds',
      'End of the window of the last drift report, seconds since 1970.',
    );
    this.lastSuccess = createUnsetGauge(
      registry,
      'credit_scoring_drift_job_last_success_timestamp_seconds',
      'When the drift job last succeeded, seconds since 1970.',
    );
  }

  /** Replaces all that the report before said, in one go: a scrape sees the one or the other. */
  setReport(inputs: readonly DriftGauges[], rows: number, windowEndSeconds: number): void {
    for (const gauge of [this.psi, this.adjustedPValue, this.verdict]) gauge.reset();
    for (const { name, psi, adjustedPValue, verdict } of inputs) {
      if (psi !== undefined) this.psi.set({ input: name }, psi);
      if (adjustedPValue !== undefined) this.adjustedPValue.set({ input: name }, adjustedPValue);
      this.verdict.set({ input: name }, VERDICT_VALUES[verdict]);
    }
    this.rows.set(rows);
    this.windowEnd.set(windowEndSeconds);
  }

  /** @param epochSeconds seconds since 1970 (UTC) */
  setJobSuccess(epochSeconds: number): void {
    this.lastSuccess.set(epochSeconds);
  }

  /** Replaces the counts of all severities. */
  setOpenAlerts(bySeverity: Readonly<Record<string, number>>): void {
    this.openAlerts.reset();
    for (const [severity, alerts] of Object.entries(bySeverity)) this.openAlerts.set({ severity }, alerts);
  }
}
