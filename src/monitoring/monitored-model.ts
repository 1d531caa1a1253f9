import { type LoadedModel } from '../model/active-models';
import { type Bundle } from '../scoring/bundle/bundle';

/** A bundle without its trees: what watching its decisions needs, small enough to be copied to a thread. */
export type MonitoredBundle = Omit<Bundle, 'forest'>;

/** The model whose decisions are watched. */
export interface MonitoredModel extends Pick<LoadedModel, 'identity' | 'folder'> {
  readonly bundle: MonitoredBundle;
}

/** The bundle as threads get it. */
export function withoutTrees(bundle: Bundle): MonitoredBundle {
  const { forest: _forest, ...monitored } = bundle;
  return monitored;
}
