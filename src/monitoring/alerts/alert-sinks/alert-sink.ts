import { type AlertNotice } from '../alert-state';

/** Injection token of the list of `AlertSink`s. */
export const ALERT_SINKS = Symbol('AlertSinks');

/** `settled`: arrived, or given up with a log line. `interrupted`: to be tried again by the next start. */
export type DeliveryOutcome = 'settled' | 'interrupted';

/** Where alerts are told. */
export interface AlertSink {
  /** Stands in `alerts.json` with what is not settled yet: never changes. */
  readonly name: string;
  /** Tells one notice, after those it was given before; never rejects. */
  deliver(notice: AlertNotice): Promise<DeliveryOutcome>;
  /** Interrupts what is under way, at once. */
  close(): Promise<void>;
}
