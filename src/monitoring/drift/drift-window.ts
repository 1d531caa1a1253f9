import { type Span } from '../span';

/** Counts of one input's values over the bins of its reference. */
export interface BinCounts {
  /** In the order of the reference's bins (`counts`). */
  readonly bins: readonly number[];
  /** Explicitly missing. */
  readonly missing: number;
  /** Of a category that the reference does not know. */
  readonly unseen: number;
  /** Beyond the smallest or largest value of the reference sample; they are in the outer bins too. */
  readonly outOfRange: number;
}

/** All that a drift report needs to know of the decisions of a span. */
export interface DriftWindow {
  readonly span: Span;
  /** Decisions of the active model. */
  readonly rows: number;
  readonly damagedLines: number;
  /** By name, for every input and protected input. */
  readonly inputs: ReadonlyMap<string, BinCounts>;
  readonly probability: BinCounts;
  /** Raw values for the exact KS test. */
  readonly sample: {
    /** By name, every numeric input and protected input, without missing values, in no particular order. */
    readonly numbers: ReadonlyMap<string, Float64Array>;
    readonly probability: Float64Array;
    /** Rows kept; fewer than `rows` of the window when the reservoir was used. */
    readonly rows: number;
    /** Seed of the reservoir; the same records always give the same sample. */
    readonly seed: number;
  };
}

/** The reference as raw values, sorted; from the file that the bundle names, its SHA-256 checked. */
export interface ReferenceSample {
  readonly rows: number;
  /** By name, every numeric input and protected input: sorted ascending, without missing values. */
  readonly numbers: ReadonlyMap<string, Float64Array>;
  /** Sorted ascending. */
  readonly probability: Float64Array;
}
