import { type Span } from '../span';
import { findRange, HISTOGRAM_EDGES, type PopulationLayout } from '../summary/population-layout';
import { type CountedModel, Summary } from '../summary/summary';
import { type SummaryHistory } from '../summary/summary-history';
import { DAY_MS, HOUR_MS, LEVEL_MS, startOfStep } from '../summary/time-steps';
import { type SummaryLevel, type Traffic } from '../traffic';

/** Longest spans that are summed up from minutes and from hours. */
const LONGEST_SPAN_MS = { minute: 3 * HOUR_MS, hour: 8 * DAY_MS } as const;

/** How many minutes, hours or days a step of a chart may have. */
const STEP_LENGTHS: Readonly<Record<SummaryLevel, readonly number[]>> = {
  minute: [1, 5],
  hour: [1, 3],
  day: [1, 7],
};

/** More are hard to read in a chart, and worse in its table. */
const MOST_STEPS = 75;

/** Steps of a week begin on Mondays; the first of the epoch was its fifth day. */
const FIRST_MONDAY_MS = 4 * DAY_MS;

/** Fields shown of those that callers got wrong. */
const MOST_REFUSED_FIELDS = 20;

/** Sums a span up, in steps that suit its length. Cost: one merge per step. */
export function buildTraffic(
  history: SummaryHistory,
  model: CountedModel,
  referenceProbabilities: Float64Array,
  asked: Span,
): Traffic {
  const level = chooseLevel(history, asked);
  const stepMs = chooseStep(level, asked);
  const anchorMs = stepMs > DAY_MS ? FIRST_MONDAY_MS : 0;
  const startOf = (timeMs: number): number => startOfStep(timeMs - anchorMs, stepMs) + anchorMs;
  const span: Span = { fromMs: startOf(asked.fromMs), toMs: startOf(asked.toMs + stepMs - 1) };
  const steps = new Map<number, Summary>();
  const total = new Summary(model);
  for (const [startMs, summary] of history.steps(level, span)) {
    const step = steps.get(startOf(startMs)) ?? new Summary(model);
    step.merge(summary);
    steps.set(startOf(startMs), step);
    total.merge(summary);
  }
  const empty = new Summary(model).figures();
  const points = Array.from({ length: (span.toMs - span.fromMs) / stepMs }, (_, index) => {
    const fromMs = span.fromMs + index * stepMs;
    return { fromMs, toMs: fromMs + stepMs, ...(steps.get(fromMs)?.figures() ?? empty) };
  });
  return {
    span,
    stepMs,
    points,
    totals: {
      ...total.figures(),
      inferenceMs: total.inference.percentiles(),
      models: total.models,
      refusedFields: describeRefusedFields(total),
    },
    probability: {
      edges: HISTOGRAM_EDGES,
      counts: readHistogram(total, model.layout),
      referenceCounts: countReference(referenceProbabilities),
    },
  };
}

function chooseLevel(history: SummaryHistory, span: Span): SummaryLevel {
  const length = span.toMs - span.fromMs;
  if (length <= LONGEST_SPAN_MS.minute && history.keepsMinutesOf(span)) return 'minute';
  return length <= LONGEST_SPAN_MS.hour && history.keepsHoursOf(span) ? 'hour' : 'day';
}

function chooseStep(level: SummaryLevel, { fromMs, toMs }: Span): number {
  const lengths = STEP_LENGTHS[level].map((length) => length * LEVEL_MS[level]);
  return lengths.find((stepMs) => (toMs - fromMs) / stepMs <= MOST_STEPS) ?? Math.max(...lengths);
}

function describeRefusedFields(summary: Summary): Traffic['totals']['refusedFields'] {
  return [...summary.refusedFields]
    .sort(([, left], [, right]) => right - left)
    .slice(0, MOST_REFUSED_FIELDS)
    .map(([fieldAndCode, requests]) => {
      const space = fieldAndCode.lastIndexOf(' ');
      return { field: fieldAndCode.slice(0, space), code: fieldAndCode.slice(space + 1), requests };
    });
}

function readHistogram({ population }: Summary, { histogramOffset, length }: PopulationLayout): number[] {
  if (population === undefined) return new Array<number>(HISTOGRAM_EDGES.length + 1).fill(0);
  return Array.from(population.subarray(histogramOffset, length));
}

function countReference(probabilities: Float64Array): number[] {
  const counts = new Array<number>(HISTOGRAM_EDGES.length + 1).fill(0);
  for (const probability of probabilities) {
    const bin = findRange(HISTOGRAM_EDGES, probability);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
