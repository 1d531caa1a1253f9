import { type Alert } from '../../alerts/alert';
import { type Formats } from '../formats';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Of almost any text with a number in it JavaScript makes a date. */
const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/**
 * A figure of an alert as it is shown: its name says its unit.
 *
 * @param unknown stands for what the alert does not have
 */
export function formatFigure(
  { kind, figures }: Pick<Alert, 'kind' | 'figures'>,
  name: string,
  formats: Formats,
  unknown: string,
): string {
  const value = figures[name];
  if (value === undefined) return unknown;
  if (typeof value === 'string') return TIME.test(value) ? formats.time(value).text : value;
  if (name.endsWith('Minutes')) return formats.duration(value * MINUTE_MS);
  if (name.endsWith('Seconds')) return formats.duration(value * SECOND_MS);
  if (name.endsWith('Ms')) return formats.milliseconds(value);
  if (name === 'rate' || name === 'importance' || (kind === 'error_rate' && name === 'threshold')) {
    return formats.share(value);
  }
  if (name === 'adjustedPValue') return formats.pValue(value);
  return name === 'psi' || name === 'threshold' ? formats.decimal(value) : formats.integer(value);
}
