import { type FieldProblem } from '../common/http/problem';
import { type LoadedModel } from '../model/active-models';
import { type Application } from '../scoring/application/application';
import { FeatureVectorError } from '../scoring/forest/feature-vector-error';

/** One place of a batch: a checked application, or what was wrong with it. */
export type BatchEntry = Application | readonly FieldProblem[];

/** What is wrong with an application whose every value is valid, but which scikit-learn would refuse. */
export const FEATURE_TOO_LARGE: readonly FieldProblem[] = [
  {
    field: '',
    code: 'out_of_range',
    message: 'the inputs together make a feature too large to be scored: check their units',
  },
];

/** Whether nothing is to be scored at this place of a batch. */
export function isRefused(entry: BatchEntry): entry is readonly FieldProblem[] {
  return Array.isArray(entry);
}

/**
 * Scores the applications of a batch together.
 *
 * @returns probabilities by place in the batch; undefined where an entry was refused, and where the answer
 * must be `FEATURE_TOO_LARGE`
 */
export function scoreBatch(model: LoadedModel, entries: readonly BatchEntry[]): (number | undefined)[] {
  const places: number[] = [];
  const applications: Application[] = [];
  entries.forEach((entry, place) => {
    if (isRefused(entry)) return;
    places.push(place);
    applications.push(entry);
  });
  const result = new Array<number | undefined>(entries.length).fill(undefined);
  const scored = scoreTogether(model, applications);
  places.forEach((place, index) => {
    result[place] = scored[index];
  });
  return result;
}

function scoreTogether(
  model: LoadedModel,
  applications: readonly Application[],
): ArrayLike<number | undefined> {
  try {
    return model.scorer.scoreAll(applications.map((application) => application.inputs));
  } catch (error) {
    if (!(error instanceof FeatureVectorError)) throw error;
  }
  // One application is too large for float32: score each alone, so that only that one is refused.
  return applications.map((application) => {
    try {
      return model.scorer.score(application.inputs);
    } catch (error) {
      if (error instanceof FeatureVectorError) return undefined;
      throw error;
    }
  });
}
