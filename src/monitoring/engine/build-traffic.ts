import { type Span } from '../span';
import { findRange, HISTOGRAM_EDGES, type PopulationLayout } from '../summary/population-layout';
import { type CountedModel, Summary } from '../summary/summary';
import { type SummaryHistory } from '../summary/summary-history';
import { DAY_MS, HOUR_MS, LEVEL_MS, startOfStep } from '../summary/time-steps';
import { type SummaryLevel, type Traffic } from '../traffic';

/** Longest spans shown in minutes and in hours: about 200 steps are what a chart and its table can bear. */
const LONGEST_SPAN_MS = { minute: 3 * HOUR_MS, hour: 8 * DAY_MS } as const;

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
  const stepMs = LEVEL_MS[level];
  const span: Span = {
    fromMs: startOfStep(asked.fromMs, stepMs),
    toMs: startOfStep(asked.toMs + stepMs - 1, stepMs),
  };
  const steps = history.steps(level, span);
  const total = new Summary(model);
  for (const summary of steps.values()) total.merge(summary);
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
