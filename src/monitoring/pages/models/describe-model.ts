import { dataAddress } from '../page-addresses';
import { type Reader } from '../reader';
import { type ChartView, type TableView } from '../view-parts';
import { describeExpectedCosts } from './describe-expected-costs';
import {
  describeTrainingData,
  describeIdentity,
  describePolicy,
  type ModelFact,
} from './describe-model-facts';
import { describeModelFeatures, type FeaturesView } from './describe-model-features';
import { describeModelInputs } from './describe-model-inputs';
import { describeDecisions, describeMetrics, describeQuality } from './describe-model-metrics';
import { type ModelCard } from './model-card';
import { type ModelTable } from './models.query';

/** What `views/models.hbs` shows. */
export interface ModelView {
  readonly headline: string;
  readonly sentences: readonly string[];
  readonly identity: readonly ModelFact[];
  readonly data: readonly ModelFact[];
  readonly metrics: TableView;
  readonly decisions: TableView;
  readonly policy: readonly ModelFact[];
  readonly costs: ChartView;
  readonly features: FeaturesView;
  readonly inputs: TableView;
}

/**
 * Words the card of a model.
 *
 * @param address path and query of the page as requested
 */
export function describeModel(card: ModelCard, reader: Reader, address: string): ModelView {
  const { formats } = reader;
  const words = reader.texts.models;
  const csv = (table: ModelTable): string => dataAddress(address, { format: 'csv', table });
  return {
    headline: words.active(card.model.name, card.model.version),
    sentences: [words.parity(formats.integer(card.parityRows)), describeQuality(card, reader)],
    identity: describeIdentity(card, reader),
    data: describeTrainingData(card, reader),
    metrics: describeMetrics(card, reader, csv('metrics')),
    decisions: describeDecisions(card, reader),
    policy: describePolicy(card, reader),
    costs: describeExpectedCosts(card, reader, csv('costs')),
    features: { ...describeModelFeatures(card, reader), csv: csv('features') },
    inputs: describeModelInputs(card, reader, csv('inputs')),
  };
}
