import { type Decision } from '../scoring/policy/decide';
import { type Span } from './span';

/** Lengths of the spans that records are summed over. */
export type SummaryLevel = 'minute' | 'hour' | 'day';

/** Latency percentiles in milliseconds, each within 1 % of a true value (DDSketch). */
export interface LatencyPercentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What a span's records add up to. */
export interface TrafficFigures {
  /** Applications answered, one by one or in batches: decisions and refusals. */
  readonly requests: number;
  readonly decisions: Readonly<Record<Decision, number>>;
  /** By HTTP status; a decision counts as 200. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Statuses 400 to 499: the caller has to change something. */
  readonly refused: number;
  /** Statuses from 500: we have to. */
  readonly failed: number;
  /** From the first byte to just before the record was written; null without a request. */
  readonly latencyMs: LatencyPercentiles | null;
}

/** One step of a chart over time. */
export interface TrafficPoint extends Span, TrafficFigures {}

/** All that the overview shows of a span. */
export interface Traffic {
  readonly span: Span;
  /** Length of a point. */
  readonly stepMs: number;
  /** Oldest first and without gaps: a span without records is a point with zeros. */
  readonly points: readonly TrafficPoint[];
  readonly totals: TrafficFigures & {
    /** Of the model alone; null without a decision. */
    readonly inferenceMs: LatencyPercentiles | null;
    /** Most decisions first. */
    readonly models: readonly {
      readonly name: string;
      readonly version: string;
      readonly sha256: string;
      readonly role: string;
      readonly decisions: number;
    }[];
    /** Fields that callers got wrong, most frequent first, at most 20. */
    readonly refusedFields: readonly {
      readonly field: string;
      readonly code: string;
      readonly requests: number;
    }[];
  };
  /** Probability of default in 20 bins of 0.05, of the active model's decisions, beside its reference sample. */
  readonly probability: {
    /** Inner edges; bin i holds edges[i−1] < p ≤ edges[i]. */
    readonly edges: readonly number[];
    readonly counts: readonly number[];
    readonly referenceCounts: readonly number[];
  };
}

/** How far reading the log has come. */
export interface FoldState {
  /** Records read since this process started. */
  readonly records: number;
  /** Time of the last record that is in the summaries; null before the first. */
  readonly lastRecordAtMs: number | null;
  /** Time of the log's first record; null while it is empty. */
  readonly firstRecordAtMs: number | null;
  /** Whether everything that was in the log at the last look is in the summaries. */
  readonly caughtUp: boolean;
  /** Age of the oldest record that is not yet in the summaries, milliseconds; 0 when caught up. */
  readonly lagMs: number;
  /** Damaged lines met while reading. */
  readonly damagedLines: number;
  /** Why reading or saving fails now and what to do; null while it works. */
  readonly problem: string | null;
}
