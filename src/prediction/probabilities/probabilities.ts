import { type LoadedModel } from '../../model/active-models';
import { type InputValues } from '../../scoring/application/application';

/** Injection token of the `Probabilities`. */
export const PROBABILITIES = Symbol('Probabilities');

/** Where the probability of a single application comes from: to the last bit, what the model says of its inputs. */
export interface Probabilities {
  /**
   * Probability of default, in [0, 1]; at once where it can be.
   *
   * @throws {ProblemException} 400 when the inputs make a feature scikit-learn would refuse
   */
  find(model: LoadedModel, inputs: InputValues): number | Promise<number>;
}
