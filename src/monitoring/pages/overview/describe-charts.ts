import { DECISIONS, type Decision } from '../../../scoring/policy/decide';
import { type Traffic, type TrafficPoint } from '../../traffic';
import { type Reader } from '../reader';
import {
  type CellView,
  type ChartSpec,
  type ChartView,
  type SeriesColour,
  textCell,
  timeCell,
} from '../view-parts';
import { countPerMinute } from './count-per-minute';
import { type OverviewData } from './overview-data';

const DAY_MS = 86_400_000;

/** The charts over the span, and of the probability. */
export interface OverviewCharts {
  readonly rate: ChartView;
  readonly decisions: ChartView;
  readonly latency: ChartView;
  readonly statuses: ChartView;
  readonly errors: ChartView;
  readonly probability: ChartView;
}

const DECISION_COLOURS: Readonly<Record<Decision, SeriesColour>> = {
  APPROVED: 'approved',
  REFERRED: 'referred',
  REJECTED: 'rejected',
};

/** One line or stack of a chart over time. */
interface TimeSeries {
  readonly label: string;
  readonly colour: SeriesColour;
  readonly dashed?: boolean;
  readonly value: (point: TrafficPoint) => number | null;
}

/**
 * Charts of the span's traffic.
 *
 * @param csv address of a table of these figures as CSV
 */
export function describeCharts(
  data: OverviewData,
  traffic: Traffic,
  reader: Reader,
  csv: (table: 'traffic' | 'probability') => string,
): OverviewCharts {
  const { formats } = reader;
  const words = reader.texts.overview.charts;
  const { totals, stepMs } = traffic;
  const { errorRate, latencyP95Ms } = data.thresholds;
  const n = formats.integer(totals.requests);
  const decided = DECISIONS.reduce((sum, decision) => sum + totals.decisions[decision], 0);
  const overTime = (
    id: string,
    title: string,
    note: string,
    chart: Pick<ChartSpec, 'kind' | 'stacked' | 'y' | 'lines'>,
    series: readonly TimeSeries[],
    format: (value: number | null) => string,
  ): ChartView => ({
    id,
    title,
    note,
    spec: {
      ...chart,
      x: { kind: 'time', stepMs, title: null },
      labels: traffic.points.map((point) => point.fromMs),
      series: series.map(({ label, colour, dashed = false, value }) => ({
        label,
        colour,
        dashed,
        values: traffic.points.map(value),
      })),
    },
    table: {
      caption: title,
      columns: [
        { label: stepMs >= DAY_MS ? reader.texts.overview.day : reader.texts.overview.time, numeric: false },
        ...series.map(({ label }) => ({ label, numeric: true })),
      ],
      // Newest first: that is what a reader looks for.
      rows: traffic.points
        .toReversed()
        .map((point) => [
          timeOf(point.fromMs, stepMs, reader),
          ...series.map(({ value }) => textCell(format(value(point)))),
        ]),
      csv: csv('traffic'),
      empty: reader.texts.overview.tables.noPoints,
    },
  });
  const counts = (title: string): ChartSpec['y'] => ({ title, format: 'number', atLeast: 4 });
  const integer = (value: number | null): string => formats.integer(value);

  return {
    rate: overTime(
      'rate',
      words.rate,
      words.rateNote(n, formats.duration(stepMs)),
      { kind: 'line', stacked: false, y: { ...counts(words.requests), atLeast: null }, lines: [] },
      [
        {
          label: words.requests,
          colour: 'main',
          value: (point) => countPerMinute(point, data.nowMs),
        },
      ],
      (value) => formats.decimal(value),
    ),
    decisions: overTime(
      'decisions',
      words.decisions,
      words.decisionsNote(formats.integer(decided)),
      { kind: 'bar', stacked: true, y: counts(words.count), lines: [] },
      DECISIONS.map((decision) => ({
        label: reader.texts.frame.decisions[decision],
        colour: DECISION_COLOURS[decision],
        value: (point) => point.decisions[decision],
      })),
      integer,
    ),
    latency: overTime(
      'latency',
      words.latency,
      words.latencyNote(n, formats.milliseconds(latencyP95Ms)),
      {
        kind: 'line',
        stacked: false,
        y: { title: words.milliseconds, format: 'number', atLeast: null },
        lines: thresholdInReach(
          latencyP95Ms,
          traffic,
          (point) => point.latencyMs?.p99 ?? 0,
          `${words.limit} ${formats.milliseconds(latencyP95Ms)}`,
        ),
      },
      [
        { label: 'p50', colour: 'main', value: (point) => point.latencyMs?.p50 ?? null },
        { label: 'p95', colour: 'third', value: (point) => point.latencyMs?.p95 ?? null },
        { label: 'p99', colour: 'other', dashed: true, value: (point) => point.latencyMs?.p99 ?? null },
      ],
      (value) => formats.milliseconds(value),
    ),
    statuses: overTime(
      'statuses',
      words.statuses,
      words.statusesNote(n),
      { kind: 'bar', stacked: true, y: counts(words.count), lines: [] },
      [
        {
          label: words.ok,
          colour: 'success',
          value: ({ requests, refused, failed }) => requests - refused - failed,
        },
        { label: words.refused, colour: 'refused', value: ({ refused }) => refused },
        { label: words.failed, colour: 'failed', value: ({ failed }) => failed },
      ],
      integer,
    ),
    errors: overTime(
      'errors',
      words.errors,
      words.errorsNote(n, formats.share(errorRate)),
      {
        kind: 'line',
        stacked: false,
        y: { title: words.share, format: 'percent', atLeast: errorRate * 1.25 },
        lines: [{ axis: 'y', value: errorRate, label: `${words.limit} ${formats.share(errorRate)}` }],
      },
      [
        {
          label: words.errors,
          colour: 'failed',
          value: ({ requests, failed }) => (requests > 0 ? failed / requests : null),
        },
      ],
      (value) => formats.share(value),
    ),
    probability: describeProbability(data, traffic, reader, csv('probability')),
  };
}

/** Production beside reference, as shares, because their numbers of rows differ; with the policy's bands. */
function describeProbability(
  { bands }: OverviewData,
  { probability }: Traffic,
  reader: Reader,
  csv: string,
): ChartView {
  const { formats } = reader;
  const words = reader.texts.overview.charts;
  const { edges, counts, referenceCounts } = probability;
  const n = sum(counts);
  const m = sum(referenceCounts);
  const bins = counts.map((_, index) => ({ above: edges[index - 1] ?? 0, upTo: edges[index] ?? 1 }));
  const shares = (values: readonly number[], total: number): (number | null)[] =>
    values.map((count) => (total > 0 ? count / total : null));
  const production = shares(counts, n);
  const reference = shares(referenceCounts, m);
  const line = (value: number, word: string): ChartSpec['lines'][number] => ({
    axis: 'x',
    value,
    label: `${word} ${formats.decimal(value)}`,
  });
  const header = (label: string): { label: string; numeric: boolean } => ({ label, numeric: true });
  const row = (bin: (typeof bins)[number], index: number): CellView[] => [
    textCell(`${formats.fixed(bin.above, 2)} – ${formats.fixed(bin.upTo, 2)}`),
    textCell(formats.integer(counts[index] ?? 0)),
    textCell(formats.share(production[index] ?? null)),
    textCell(formats.integer(referenceCounts[index] ?? 0)),
    textCell(formats.share(reference[index] ?? null)),
  ];
  return {
    id: 'probability',
    title: words.probability,
    note: words.probabilityNote(formats.integer(n), formats.integer(m)),
    spec: {
      kind: 'bar',
      stacked: false,
      x: { kind: 'number', stepMs: null, title: words.probability },
      y: { title: words.shareOfRows, format: 'percent', atLeast: null },
      labels: bins.map(({ above, upTo }) => (above + upTo) / 2),
      series: [
        {
          label: `${words.production} (n = ${formats.integer(n)})`,
          colour: 'main',
          dashed: false,
          values: production,
        },
        {
          label: `${words.reference} (n = ${formats.integer(m)})`,
          colour: 'other',
          dashed: false,
          values: reference,
        },
      ],
      lines: [line(bands.approveBelow, words.approveBelow), line(bands.referBelow, words.referBelow)],
    },
    table: {
      caption: words.probability,
      columns: [
        { label: words.bin, numeric: false },
        header(words.production),
        header(words.shareOfRows),
        header(words.reference),
        header(words.shareOfRows),
      ],
      rows: bins.map(row),
      csv,
      empty: reader.texts.overview.tables.noPoints,
    },
  };
}

/** A limit far above the data would press the lines to the floor: then the note alone names it. */
function thresholdInReach(
  limit: number,
  traffic: Traffic,
  value: (point: TrafficPoint) => number,
  word: string,
): ChartSpec['lines'] {
  const highest = Math.max(0, ...traffic.points.map(value));
  return limit <= highest * 4 ? [{ axis: 'y', value: limit, label: word }] : [];
}

function timeOf(ms: number, stepMs: number, { formats }: Reader): CellView {
  return timeCell(stepMs >= DAY_MS ? formats.day(ms) : formats.time(ms));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
