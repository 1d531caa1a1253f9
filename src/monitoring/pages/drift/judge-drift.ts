import { type InputDrift } from '../../drift/drift-report';
import { type Level } from '../view-parts';

/** How bad what was found of an input is. */
export function judgeDrift({ verdict, severity }: Pick<InputDrift, 'verdict' | 'severity'>): Level {
  if (verdict === 'insufficient_data') return 'unknown';
  if (verdict === 'stable') return 'good';
  return severity === 'major' ? 'critical' : 'attention';
}
