import { DECISIONS } from '../../../scoring/policy/decide';
import { type Reader } from '../reader';
import { type TableView, textCell } from '../view-parts';
import { listMetrics, type Metric } from './list-metrics';
import { type ModelCard } from './model-card';

/** How good it is, in a sentence; also says when its bundle does not tell. */
export function describeQuality({ training }: ModelCard, { texts, formats }: Reader): string {
  const metrics = listMetrics(training.metrics);
  const find = (name: string): Metric | undefined =>
    metrics.find(({ path }) => path.length === 2 && path[0] === 'holdout' && path[1] === name);
  const [auc, rows] = [find('rocAuc'), find('rows')];
  if (!auc?.interval || !rows) return texts.models.unmeasured;
  const interval = auc.interval.map((bound) => formats.fixed(bound, 3)).join(' – ');
  return texts.models.auc(formats.fixed(auc.value, 3), interval, formats.integer(rows.value));
}

/** All that was measured. */
export function describeMetrics({ training }: ModelCard, { texts, formats }: Reader, csv: string): TableView {
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

/** What its bands did to samples whose outcome is known. */
export function describeDecisions({ decisionRates }: ModelCard, { texts, formats }: Reader): TableView {
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
