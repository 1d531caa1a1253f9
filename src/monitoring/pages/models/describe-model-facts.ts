import { type Reader } from '../reader';
import { type TimeView } from '../view-parts';
import { type ModelCard } from './model-card';

/** A line of a card: a word and what it stands for. */
export interface ModelFact {
  readonly word: string;
  readonly text: string;
  readonly time: TimeView | null;
  readonly code: boolean;
}

/** What the model is, and what made it. */
export function describeIdentity(
  { model, createdAt, training, trees }: ModelCard,
  reader: Reader,
): ModelFact[] {
  const words = reader.texts.models;
  const time = reader.formats.time(createdAt);
  const parameters = Object.entries(training.parameters).map(
    ([name, value]) => `${name} = ${JSON.stringify(value)}`,
  );
  return [
    fact(words.name, model.name),
    fact(words.version, model.version),
    fact(words.sha256, model.sha256, { code: true }),
    fact(words.created, time.text, { time }),
    fact(words.library, `${training.library.name} ${training.library.version}`),
    fact(words.estimator, training.estimator, { code: true }),
    fact(words.trees, reader.formats.integer(trees)),
    fact(words.parameters, parameters.join(', ') || words.unknown, { code: parameters.length > 0 }),
  ];
}

/** What it was trained on. */
export function describeTrainingData({ training }: ModelCard, { texts, formats }: Reader): ModelFact[] {
  const words = texts.models;
  const { dataset, split, seed } = training;
  const parts =
    split &&
    words.splitRows(
      formats.integer(split.training),
      formats.integer(split.validation),
      formats.integer(split.holdout),
    );
  return [
    fact(words.dataset, dataset.name),
    fact(words.rows, formats.integer(dataset.rows)),
    fact(words.licence, dataset.licence),
    fact(words.attribution, dataset.attribution),
    fact(words.datasetSha256, dataset.sha256, { code: true }),
    fact(words.seed, seed === null ? words.unknown : String(seed)),
    fact(words.split, split ? `${split.method} (${parts ?? ''})` : words.unknown),
  ];
}

/** How its probabilities become decisions and points. */
export function describePolicy({ policy }: ModelCard, { texts, formats }: Reader): ModelFact[] {
  const words = texts.models;
  const { version, bands, costs, points } = policy;
  const number = (value: number): string => formats.decimal(value);
  return [
    fact(words.policyVersion, version),
    fact(words.bands, words.bandsText(number(bands.approveBelow), number(bands.referBelow))),
    fact(
      words.costs,
      words.costsText(
        number(costs.missedDefault),
        number(costs.refusedGoodClient),
        number(costs.manualReview),
      ),
    ),
    fact(
      words.points,
      words.pointsText(number(points.baseScore), number(points.baseOdds), number(points.pointsToDoubleOdds)),
    ),
  ];
}

function fact(word: string, text: string, differences: Partial<ModelFact> = {}): ModelFact {
  return { word, text, time: null, code: false, ...differences };
}
