import { type AlertState } from './alert-state';

/** Injection token of the `AlertStore`. */
export const ALERT_STORE = Symbol('AlertStore');

/** A step from one state to the next. It may be asked more than once, and must answer from its argument alone. */
export type ChangeAlerts = (state: AlertState) => AlertState;

/** Where the state of alerts is kept: one for all processes that share the store. */
export interface AlertStore {
  /** What was kept last, also by another process; `NO_ALERTS` before the first change. */
  read(): Promise<AlertState>;
  /**
   * Replaces the state by what is made of it. No change of this or another process gets lost.
   *
   * @returns the state after the change
   */
  change(apply: ChangeAlerts): Promise<AlertState>;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}
