import { resolve } from 'node:path';
import fc from 'fast-check';
import { MemorySharedCache } from '../../cache/memory-shared-cache';
import { ActiveModels, type LoadedModel } from '../../model/active-models';
import { FolderModelRegistry } from '../../model/folder-model-registry';
import { type InputValue, type InputValues } from '../../scoring/application/application';
import { CachedProbabilities } from './cached-probabilities';
import { nameProbability } from './name-probability';
import { type Probabilities } from './probabilities';
import { ScoredProbabilities } from './scored-probabilities';

let model: LoadedModel;
beforeAll(async () => {
  model = (await ActiveModels.load(new FolderModelRegistry(resolve('models')), undefined)).champion();
});

/** Scores, and counts how often it was asked. */
class CountedProbabilities implements Probabilities {
  asked = 0;
  private readonly scored = new ScoredProbabilities();

  find(asking: LoadedModel, inputs: InputValues): number {
    this.asked += 1;
    return this.scored.find(asking, inputs);
  }
}

/** The examples of the manifest, with some inputs of one's own. */
function inputsWith(changes: InputValues = {}): InputValues {
  const examples = model.bundle.inputs.map(({ name, example }): [string, InputValue] => [name, example]);
  return { ...Object.fromEntries(examples), ...changes };
}

describe('CachedProbabilities', () => {
  it('asks the model once for the same inputs, and gives the same bits', async () => {
    const source = new CountedProbabilities();
    const cache = new MemorySharedCache();
    const [here, elsewhere] = [
      new CachedProbabilities(cache, source),
      new CachedProbabilities(cache, source),
    ];
    const first = await here.find(model, inputsWith());
    expect(await elsewhere.find(model, inputsWith())).toBe(first);
    expect(source.asked).toBe(1);
    expect(first).toBe(new ScoredProbabilities().find(model, inputsWith()));
  });

  it('never takes what another model said', async () => {
    const source = new CountedProbabilities();
    const cached = new CachedProbabilities(new MemorySharedCache(), source);
    const other = { ...model, identity: { ...model.identity, sha256: 'f'.repeat(64) } };
    await cached.find(model, inputsWith());
    await cached.find(other, inputsWith());
    expect(source.asked).toBe(2);
  });

  it.each([
    ['nothing', 0, 0],
    ['more than a probability', 9, 0.5],
    ['a number that is no probability', 8, NaN],
    ['a number beyond 1', 8, 1.5],
  ])('scores again when the cache holds %s', async (_what, length, value) => {
    const cache = new MemorySharedCache();
    const bytes = Buffer.alloc(Math.max(8, length));
    bytes.writeDoubleLE(value);
    await cache.set(nameProbability(model, inputsWith()), bytes.subarray(0, length), 60_000);
    const source = new CountedProbabilities();
    const probability = await new CachedProbabilities(cache, source).find(model, inputsWith());
    expect([probability, source.asked]).toEqual([source.find(model, inputsWith()), 1]);
  });

  it('keeps nothing of an application that cannot be scored', async () => {
    const source = new CountedProbabilities();
    const cached = new CachedProbabilities(new MemorySharedCache(), source);
    const largest = Object.fromEntries(model.bundle.inputs.map(({ name }) => [name, 1e300]));
    for (let attempt = 1; attempt <= 2; attempt++) {
      await expect(cached.find(model, largest)).rejects.toMatchObject({ document: { status: 400 } });
      expect(source.asked).toBe(attempt);
    }
  });
});

describe('nameProbability', () => {
  const value = fc.oneof(
    fc.constantFrom<InputValue>(null, 0, -0, 1, '', '0', '1', 'null', '\ud800', '\udc00', 5e-324),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );

  it('is one name for equal values, and another for any that differ by a bit', () => {
    const names = model.bundle.inputs.slice(0, 2).map(({ name }) => name);
    const pair = fc.tuple(value, value);
    fc.assert(
      fc.property(pair, pair, (left, right) => {
        const [one, other] = [left, right].map((values) =>
          nameProbability(
            model,
            inputsWith(Object.fromEntries(names.map((name, place) => [name, values[place] ?? null]))),
          ),
        );
        const areSame = left.every((each, place) => Object.is(each, right[place]));
        expect(one === other).toBe(areSame);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on the order in which the inputs stand', () => {
    const reversed = Object.fromEntries(Object.entries(inputsWith()).reverse());
    expect(nameProbability(model, reversed)).toBe(nameProbability(model, inputsWith()));
  });
});
