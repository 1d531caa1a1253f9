import { type Bundle } from '../../scoring/bundle/bundle';
import { listTransformInputs } from './list-transform-inputs';

/** Kinds of importance a training may have measured, the better one first: impurity favours inputs of many values. */
const MEASURES = ['permutation', 'impurity'] as const;

type Measure = (typeof MEASURES)[number];

/**
 * How much each input weighs in the model's answers, from what training measured of the features
 * (`training.metrics.importance`, a list of `{ feature, impurity, permutation }`).
 *
 * A feature's importance is shared equally among the inputs its transform reads. A negative permutation
 * importance is chance and counts as 0. Where nothing was measured every input weighs the same.
 *
 * @returns share by name of every scored input, each in [0, 1], together 1
 */
export function computeInputImportance(
  bundle: Pick<Bundle, 'inputs' | 'features' | 'training'>,
): ReadonlyMap<string, number> {
  for (const measure of MEASURES) {
    const measured = shareAmongInputs(bundle, readImportance(bundle, measure));
    const total = [...measured.values()].reduce((sum, importance) => sum + importance, 0);
    if (total > 0) return new Map([...measured].map(([name, importance]) => [name, importance / total]));
  }
  return new Map(bundle.inputs.map(({ name }) => [name, 1 / bundle.inputs.length]));
}

function shareAmongInputs(
  { inputs, features }: Pick<Bundle, 'inputs' | 'features'>,
  importance: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const shares = new Map(inputs.map(({ name }) => [name, 0]));
  for (const { name, transform } of features) {
    const read = listTransformInputs(transform);
    const share = (importance.get(name) ?? 0) / read.length;
    for (const input of read) shares.set(input, (shares.get(input) ?? 0) + share);
  }
  return shares;
}

/** By feature. Metrics are the training script's own: what is not as expected counts as not measured. */
function readImportance(
  { training }: Pick<Bundle, 'training'>,
  measure: Measure,
): ReadonlyMap<string, number> {
  const list = training.metrics['importance'];
  if (!Array.isArray(list)) return new Map();
  return new Map(
    list.flatMap((entry: unknown): (readonly [string, number])[] => {
      if (typeof entry !== 'object' || entry === null) return [];
      const { feature, [measure]: importance } = entry as Readonly<Record<string, unknown>>;
      return typeof feature === 'string' && typeof importance === 'number' && Number.isFinite(importance)
        ? [[feature, Math.max(0, importance)]]
        : [];
    }),
  );
}
