import { type MonitoringConfiguration } from '../../../config/configuration';
import { type Alert } from '../../alerts/alert';

/** From where on something opens an alert. */
export interface AlertThresholds extends Pick<
  MonitoringConfiguration['alerts'],
  'errorRate' | 'latencyP95Ms' | 'silenceMinutes'
> {
  readonly psi: MonitoringConfiguration['drift']['psi'];
  readonly windowMinutes: number;
}

/** What the page of alerts shows, raw; also the answer of `GET /monitoring/api/alerts`. */
export interface AlertsData {
  readonly nowMs: number;
  /** Open ones first, then acknowledged, then closed; newest first within each. */
  readonly alerts: readonly Alert[];
  readonly rules: AlertThresholds;
}
