import { type SharedCache } from '../../cache/shared-cache';
import { type Configuration } from '../../config/configuration';
import { CachedProbabilities } from './cached-probabilities';
import { type Probabilities } from './probabilities';
import { ScoredProbabilities } from './scored-probabilities';

/** Scores each application, or only those that were not scored before (`CACHE_PREDICTIONS`). */
export function openProbabilities(
  { cachesPredictions }: Pick<Configuration, 'cachesPredictions'>,
  cache: SharedCache,
): Probabilities {
  const scored = new ScoredProbabilities();
  return cachesPredictions ? new CachedProbabilities(cache, scored) : scored;
}
