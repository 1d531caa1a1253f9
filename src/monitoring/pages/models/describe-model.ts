import { DECISIONS } from '../../../scoring/policy/decide';
import { dataAddress } from '../page-addresses';
import { type Reader } from '../reader';
import { type ChartView, linkCell, type TableView, textCell, type TimeView } from '../view-parts';
import { describeTransform } from './describe-transform';
import { listMetrics, type Metric } from './list-metrics';
import { type ModelCard } from './model-card';
import { type ModelTable } from './models.query';

/** A line of a card: a word and what it stands for. */
interface Fact {
  readonly word: string;
  readonly text: string;
  readonly time: TimeView | null;
  readonly code: boolean;
}

/** A feature's row, with its importance as the width of a bar. */
interface FeatureRow {
  readonly name: string;
  readonly formula: string;
  readonly permutation: string;
  readonly impurity: string;
  /** Of the largest, as an SVG length such as `62.5%`; null when nothing is known. */
  readonly width: string | null;
}

/** What `views/models.hbs` shows. */
export interface ModelView {
  readonly headline: string;
  readonly sentences: readonly string[];
  readonly identity: readonly Fact[];
  readonly data: readonly Fact[];
  readonly metrics: TableView;
  readonly decisions: TableView;
  readonly policy: readonly Fact[];
  readonly costs: ChartView;
  readonly features: {
    readonly rows: readonly FeatureRow[];
    readonly csv: string;
    /** Whether the bundle tells any importance. */
    readonly known: boolean;
  };
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
    data: describeData(card, reader),
    metrics: describeMetrics(card, reader, csv('metrics')),
    decisions: describeDecisions(card, reader),
    policy: describePolicy(card, reader),
    costs: describeCosts(card, reader, csv('costs')),
    features: { ...describeFeatures(card, reader), csv: csv('features') },
    inputs: describeInputs(card, reader, csv('inputs')),
  };
}

function fact(word: string, text: string, differences: Partial<Fact> = {}): Fact {
  return { word, text, time: null, code: false, ...differences };
}

function describeQuality({ training }: ModelCard, { texts, formats }: Reader): string {
  const metrics = listMetrics(training.metrics);
  const find = (name: string): Metric | undefined =>
    metrics.find(({ path }) => path.length === 2 && path[0] === 'holdout' && path[1] === name);
  const [auc, rows] = [find('rocAuc'), find('rows')];
  if (!auc?.interval || !rows) return texts.models.unmeasured;
  const interval = auc.interval.map((bound) => formats.fixed(bound, 3)).join(' – ');
  return texts.models.auc(formats.fixed(auc.value, 3), interval, formats.integer(rows.value));
}

function describeIdentity({ model, createdAt, training, trees }: ModelCard, reader: Reader): Fact[] {
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

function describeData({ training }: ModelCard, { texts, formats }: Reader): Fact[] {
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

function describeMetrics({ training }: ModelCard, { texts, formats }: Reader, csv: string): TableView {
  const words = texts.models;
  const spread = ({ interval, deviation }: Metric): string => {
    if (interval) return interval.map((bound) => formats.fixed(bound, 4)).join(' – ');
    return deviation === null ? '' : `± ${formats.fixed(deviation, 4)}`;
  };
  return {
    caption: words.metrics,
    columns: [
      { label: words.sample, numeric: false },
      { label: words.metric, numeric: false },
      { label: words.value, numeric: true },
      { label: words.spread, numeric: true },
    ],
    rows: listMetrics(training.metrics).map((metric) => {
      const sample = metric.path.slice(0, -1);
      const name = metric.path.at(-1) ?? '';
      return [
        textCell(sample.map((part) => words.sampleNames[part] ?? part).join(' · ')),
        textCell(words.metricNames[name] ?? name),
        textCell(
          Number.isInteger(metric.value) ? formats.integer(metric.value) : formats.fixed(metric.value, 4),
        ),
        textCell(spread(metric)),
      ];
    }),
    csv,
    empty: words.noMetrics,
  };
}

function describeDecisions({ decisionRates }: ModelCard, { texts, formats }: Reader): TableView {
  const words = texts.models;
  return {
    caption: words.decisions,
    columns: [
      { label: words.sample, numeric: false },
      { label: words.decision, numeric: false },
      { label: words.share, numeric: true },
      { label: words.defaultRate, numeric: true },
      { label: words.cost, numeric: true },
    ],
    rows: decisionRates.flatMap(({ sample, rows, bands, costPerApplication }) =>
      DECISIONS.map((decision, index) => [
        textCell(`${words.sampleNames[sample] ?? sample} (n = ${formats.integer(rows)})`),
        textCell(texts.frame.decisions[decision]),
        textCell(formats.share(bands[decision].share)),
        textCell(formats.share(bands[decision].defaultRate)),
        textCell(index === 0 ? formats.fixed(costPerApplication, 3) : ''),
      ]),
    ),
    csv: null,
    empty: words.noDecisions,
  };
}

function describePolicy({ policy }: ModelCard, { texts, formats }: Reader): Fact[] {
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

function describeCosts(
  { policy, expectedCosts }: ModelCard,
  { texts, formats }: Reader,
  csv: string,
): ChartView {
  const words = texts.models;
  const { costs, bands } = policy;
  // Approving soon costs many times the rest; drawn whole, it would press the crossings to the floor.
  const top = 2 * Math.max(costs.refusedGoodClient, costs.manualReview);
  const line = (word: string, value: number): ChartView['spec']['lines'][number] => ({
    axis: 'x',
    value,
    label: `${word} ${formats.decimal(value)}`,
  });
  const numeric = (label: string): TableView['columns'][number] => ({ label, numeric: true });
  return {
    id: 'costs',
    title: words.costCurve,
    note: words.costNote(
      formats.decimal(findApproveBelow(costs), 2),
      formats.decimal(findRejectFrom(costs), 2),
    ),
    spec: {
      kind: 'line',
      stacked: false,
      x: { kind: 'number', stepMs: null, title: words.probability },
      y: { title: words.costAxis, format: 'number', atLeast: null },
      labels: expectedCosts.map(({ probability }) => probability),
      series: [
        {
          label: words.approve,
          colour: 'approved',
          dashed: false,
          values: expectedCosts.map(({ approve }) => (approve <= top ? approve : null)),
        },
        {
          label: words.refer,
          colour: 'referred',
          dashed: true,
          values: expectedCosts.map(({ refer }) => refer),
        },
        {
          label: words.reject,
          colour: 'rejected',
          dashed: false,
          values: expectedCosts.map(({ reject }) => reject),
        },
      ],
      lines: [line(words.approveBelow, bands.approveBelow), line(words.rejectFrom, bands.referBelow)],
    },
    table: {
      caption: words.costCurve,
      columns: [
        { label: words.probability, numeric: false },
        numeric(words.approve),
        numeric(words.refer),
        numeric(words.reject),
      ],
      rows: expectedCosts.map(({ probability, approve, refer, reject }) => [
        textCell(formats.fixed(probability, 2)),
        ...[approve, refer, reject].map((cost) => textCell(formats.fixed(cost, 3))),
      ]),
      csv,
      empty: words.noMetrics,
    },
  };
}

type Costs = ModelCard['policy']['costs'];

/** Where approving stops to be the cheapest: it costs p·d, a review r, and rejecting (1 − p)·g. */
function findApproveBelow({ missedDefault, refusedGoodClient, manualReview }: Costs): number {
  const againstReject = refusedGoodClient / (missedDefault + refusedGoodClient || 1);
  const againstReview = missedDefault > 0 ? manualReview / missedDefault : 1;
  return Math.min(againstReject, againstReview, 1);
}

/** From where on rejecting is the cheapest. */
function findRejectFrom({ missedDefault, refusedGoodClient, manualReview }: Costs): number {
  const againstApprove = refusedGoodClient / (missedDefault + refusedGoodClient || 1);
  const againstReview = refusedGoodClient > 0 ? 1 - manualReview / refusedGoodClient : 0;
  return Math.max(againstApprove, againstReview, 0);
}

function describeFeatures(
  { features }: ModelCard,
  { formats }: Reader,
): Pick<ModelView['features'], 'rows' | 'known'> {
  const weight = (feature: ModelCard['features'][number]): number =>
    Math.max(0, feature.permutation ?? feature.impurity ?? 0);
  const largest = Math.max(...features.map(weight));
  const known = features.some((feature) => feature.permutation !== null || feature.impurity !== null);
  return {
    known,
    rows: features
      .toSorted((left, right) => weight(right) - weight(left))
      .map((feature) => ({
        name: feature.name,
        formula: describeTransform(feature.transform),
        permutation: formats.decimal(feature.permutation, 2),
        impurity: formats.share(feature.impurity),
        width: known && largest > 0 ? `${((weight(feature) / largest) * 100).toFixed(1)}%` : null,
      })),
  };
}

function describeInputs({ inputs, protectedInputs }: ModelCard, reader: Reader, csv: string): TableView {
  const { formats } = reader;
  const words = reader.texts.models;
  const text = (label: string): TableView['columns'][number] => ({ label, numeric: false });
  const row = (input: ModelCard['inputs'][number], use: string): TableView['rows'][number] => [
    linkCell(
      input.label ? reader.translate(input.label) : input.name,
      `/monitoring/drift/${encodeURIComponent(input.name)}`,
    ),
    textCell(input.name),
    textCell(words.types[input.type]),
    textCell(
      input.type === 'category'
        ? input.categories.join(', ')
        : words.rangeText(formats.decimal(input.minimum, 6), formats.decimal(input.maximum, 6)),
    ),
    textCell(input.unit ?? '–'),
    textCell(input.nullable ? words.yes : words.no),
    textCell(use),
    textCell(input.description),
  ];
  return {
    caption: words.inputs,
    columns: [
      text(words.input),
      text(words.field),
      text(words.type),
      text(words.range),
      text(words.unit),
      text(words.nullable),
      text(words.use),
      text(words.description),
    ],
    rows: [
      ...inputs.map((input) => row(input, words.scored)),
      ...protectedInputs.map((input) => row(input, words.protected)),
    ],
    csv,
    empty: words.noMetrics,
  };
}
