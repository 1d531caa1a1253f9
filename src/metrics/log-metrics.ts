import { type Gauge, type Registry } from 'prom-client';
import { createUnsetGauge } from './create-unset-gauge';

/** The state of the prediction log as monitoring reads it. */
export class LogMetrics {
  private readonly lag: Gauge;
  private readonly damagedLines: Gauge;

  constructor(registry: Registry) {
    this.lag = createUnsetGauge(
      registry,
      'credit_scoring_log_lag_seconds',
      "How far monitoring's reading of the prediction log is behind its writing.",
    );
    this.damagedLines = createUnsetGauge(
      registry,
      'credit_scoring_log_damaged_lines',
      'Damaged lines of the prediction log that were set aside.',
    );
  }

  /** @param seconds at least 0 */
  setLag(seconds: number): void {
    this.lag.set(seconds);
  }

  /** @param lines at least 0 */
  setDamagedLines(lines: number): void {
    this.damagedLines.set(lines);
  }
}
