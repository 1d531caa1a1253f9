import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock';
import { CONFIGURATION, type Configuration } from '../../../config/configuration';
import { Alerts } from '../../alerts/alerts';
import { TRAFFIC_WINDOW_MINUTES } from '../../alerts/find-alert-causes';
import { type AlertsData } from './alerts-data';

/** Gathers what the page of alerts shows. */
@Injectable()
export class AlertsPagesService {
  constructor(
    private readonly alerts: Alerts,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async collect(): Promise<AlertsData> {
    await this.alerts.refresh();
    const { alerts, drift } = this.configuration.monitoring;
    const { errorRate, latencyP95Ms, silenceMinutes } = alerts;
    return {
      nowMs: this.clock(),
      alerts: this.alerts.list(),
      rules: {
        psi: drift.psi,
        errorRate,
        latencyP95Ms,
        silenceMinutes,
        windowMinutes: TRAFFIC_WINDOW_MINUTES,
      },
    };
  }
}
