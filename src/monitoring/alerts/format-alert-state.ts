import { type AlertState } from './alert-state';
import { ALERTS_FORMAT } from './parse-alert-state';

/** The text that `parseAlertState` reads. */
export function formatAlertState(state: AlertState): string {
  return JSON.stringify({ format: ALERTS_FORMAT, ...state });
}
