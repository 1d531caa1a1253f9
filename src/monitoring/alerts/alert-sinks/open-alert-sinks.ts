import { type Clock } from '../../../common/clock';
import { type MonitoringConfiguration } from '../../../config/configuration';
import { type AlertSink } from './alert-sink';
import { LogSink } from './log-sink';
import { WebhookSink } from './webhook/webhook-sink';

/**
 * The sinks that the configuration asks for; the log is always one.
 *
 * @param version of the service, for receivers
 */
export function openAlertSinks(
  { webhook }: MonitoringConfiguration['alerts'],
  version: string,
  clock: Clock,
): readonly AlertSink[] {
  return [new LogSink(), ...(webhook === undefined ? [] : [new WebhookSink(webhook, version, clock)])];
}
