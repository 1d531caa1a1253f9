import { ProblemException } from '../../common/http/problem';
import { type LoadedModel } from '../../model/active-models';
import { type InputValues } from '../../scoring/application/application';
import { FeatureVectorError } from '../../scoring/forest/feature-vector-error';
import { FEATURE_TOO_LARGE } from '../score-batch';
import { type Probabilities } from './probabilities';

/** Asks the model each time. */
export class ScoredProbabilities implements Probabilities {
  find(model: LoadedModel, inputs: InputValues): number {
    try {
      return model.scorer.score(inputs);
    } catch (error) {
      if (!(error instanceof FeatureVectorError)) throw error;
      throw new ProblemException('invalid-application', 'The application was not scored.', {
        errors: FEATURE_TOO_LARGE,
      });
    }
  }
}
