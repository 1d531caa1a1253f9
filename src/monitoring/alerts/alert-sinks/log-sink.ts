import { Logger } from '@nestjs/common';
import { type AlertNotice } from '../alert-state';
import { describeAlert } from '../describe-alert';
import { type AlertSink, type DeliveryOutcome } from './alert-sink';

/** Tells alerts in the application log: one line each, for whoever is on call and their tools. */
export class LogSink implements AlertSink {
  readonly name = 'log';
  private readonly logger = new Logger('Alerts');

  /** @inheritDoc */
  deliver(notice: AlertNotice): Promise<DeliveryOutcome> {
    const { event, alert } = notice;
    const { id, kind, subject, severity, figures, openedAt } = alert;
    const line = {
      msg: describeAlert(notice),
      event,
      alert: id,
      kind,
      subject,
      severity,
      figures,
      openedAt,
    };
    if (event === 'closed') this.logger.log(line);
    else if (severity === 'critical') this.logger.error(line);
    else this.logger.warn(line);
    return Promise.resolve('settled');
  }

  /** @inheritDoc */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
