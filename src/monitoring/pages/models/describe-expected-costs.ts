import { findCheapestBands } from '../../../scoring/policy/find-cheapest-bands';
import { type Reader } from '../reader';
import { type ChartView, type TableView, textCell } from '../view-parts';
import { type ModelCard } from './model-card';

/** What each decision costs by probability, and where the policy's bands lie beside the cheapest. */
export function describeExpectedCosts(
  { policy, expectedCosts }: ModelCard,
  { texts, formats }: Reader,
  csv: string,
): ChartView {
  const words = texts.models;
  const { costs, bands } = policy;
  const cheapest = findCheapestBands(costs);
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
    note: words.costNote(formats.decimal(cheapest.approveBelow, 2), formats.decimal(cheapest.referBelow, 2)),
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
