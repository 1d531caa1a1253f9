import { type SharedCache } from '../../cache/shared-cache';
import { type LoadedModel } from '../../model/active-models';
import { type InputValues } from '../../scoring/application/application';
import { nameProbability } from './name-probability';
import { type Probabilities } from './probabilities';

/** A probability never changes; the time only lets go of what nobody asks for. */
const KEPT_MS = 24 * 3_600_000;

/** One float64. */
const PROBABILITY_BYTES = 8;

/**
 * Takes what was scored before from the cache, wherever it was scored. Nothing but a probability is kept there:
 * each request is still decided, and recorded, by itself.
 *
 * Cost: a SHA-256 over the inputs and a question to the cache. With Redis that is a round trip, which only a
 * model that takes longer is worth.
 */
export class CachedProbabilities implements Probabilities {
  constructor(
    private readonly cache: SharedCache,
    private readonly source: Probabilities,
  ) {}

  async find(model: LoadedModel, inputs: InputValues): Promise<number> {
    const key = nameProbability(model, inputs);
    const kept = readProbability(await this.cache.get(key));
    if (kept !== undefined) return kept;
    const probability = await this.source.find(model, inputs);
    const bytes = Buffer.alloc(PROBABILITY_BYTES);
    bytes.writeDoubleLE(probability);
    // Nobody waits for it; it never rejects.
    void this.cache.set(key, bytes, KEPT_MS);
    return probability;
  }
}

/** What is no probability was not written by us, and is scored again. */
function readProbability(bytes: Buffer | undefined): number | undefined {
  if (bytes?.length !== PROBABILITY_BYTES) return undefined;
  const probability = bytes.readDoubleLE();
  return probability >= 0 && probability <= 1 ? probability : undefined;
}
