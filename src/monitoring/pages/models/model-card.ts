import { type LoadedModel } from '../../../model/active-models';
import { type ModelIdentity } from '../../../model/model-registry';
import { type Bundle } from '../../../scoring/bundle/bundle';
import { type FeatureDefinition } from '../../../scoring/manifest/manifest';
import { computeExpectedCosts, type ExpectedCosts } from './compute-expected-costs';
import { type DecisionRates, readDecisionRates } from './read-decision-rates';
import { type FeatureImportance, readImportance } from './read-importance';

/** What there is to know of the model that decides, raw; also the answer of `GET /monitoring/api/models`. */
export interface ModelCard extends Pick<
  Bundle,
  'createdAt' | 'training' | 'inputs' | 'protectedInputs' | 'policy'
> {
  readonly model: ModelIdentity;
  readonly trees: number;
  /** Rows on which it was found equal to scikit-learn when it was loaded. */
  readonly parityRows: number;
  /** In the forest's column order. */
  readonly features: readonly (FeatureDefinition & FeatureImportance)[];
  readonly decisionRates: readonly DecisionRates[];
  readonly expectedCosts: readonly ExpectedCosts[];
}

/** The card of a loaded model. */
export function makeModelCard({
  identity,
  bundle,
  parityRows,
}: Pick<LoadedModel, 'identity' | 'bundle' | 'parityRows'>): ModelCard {
  const { createdAt, training, inputs, protectedInputs, policy } = bundle;
  const importance = readImportance(training.metrics);
  return {
    model: identity,
    createdAt,
    training,
    trees: bundle.forest.trees.length,
    parityRows,
    inputs,
    protectedInputs,
    features: bundle.features.map((feature) => ({
      ...feature,
      ...(importance.get(feature.name) ?? { impurity: null, permutation: null }),
    })),
    policy,
    decisionRates: readDecisionRates(training.metrics),
    expectedCosts: computeExpectedCosts(policy),
  };
}
