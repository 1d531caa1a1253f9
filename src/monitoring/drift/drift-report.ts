import { type ModelIdentity } from '../../model/model-registry';

/** Whether a distribution has changed; `insufficient_data` where too few rows were seen to know. */
export type DriftVerdict = 'stable' | 'drifted' | 'insufficient_data';

/** What a report is about: an input of the model, a protected attribute, or the model's own answer. */
export type DriftSubjectRole = 'input' | 'protected' | 'probability';

/** One bin of the frozen reference, with how many rows of either side fall into it. */
export interface DriftBin {
  /** `range` has bounds (`above` < x ≤ `upTo`, null for ±∞), `category` its value. */
  readonly kind: 'range' | 'category' | 'missing' | 'unseen';
  readonly above?: number | null;
  readonly upTo?: number | null;
  readonly category?: string;
  readonly reference: number;
  readonly production: number;
}

/** One input's comparison with its reference. */
export interface InputDrift {
  readonly name: string;
  readonly role: DriftSubjectRole;
  readonly type: 'number' | 'category';
  readonly verdict: DriftVerdict;
  /** Only when drifted: PSI from the second threshold on is major. */
  readonly severity: 'moderate' | 'major' | null;
  /** Rows of the window in which the input was given or explicitly missing. */
  readonly productionRows: number;
  readonly referenceRows: number;
  readonly missing: number;
  /** Values of a category that the reference does not know. */
  readonly unseen: number;
  /** Numbers beyond the smallest and largest of the reference sample. */
  readonly outOfRange: number;
  readonly psi: {
    readonly value: number;
    /** Effect from which an input counts as drifted. */
    readonly threshold: number;
    /** What chance alone exceeds in 5 % of windows of this size. */
    readonly critical: number;
  };
  /** Null for categories, and when no value is left to compare. */
  readonly kolmogorovSmirnov: {
    readonly statistic: number;
    readonly pValue: number;
    readonly method: 'exact' | 'asymptotic';
    /** Values compared, which a reservoir may have thinned out. */
    readonly referenceRows: number;
    readonly productionRows: number;
  } | null;
  readonly chiSquare: {
    readonly statistic: number;
    readonly degreesOfFreedom: number;
    readonly pValue: number;
    /** Bins left after pooling. */
    readonly bins: number;
  };
  /** First Wasserstein distance in standard deviations of the reference; null for categories. */
  readonly wasserstein: number | null;
  /** Base 2, in [0, 1]. */
  readonly jensenShannon: number;
  /** The input's p-value before correction: twice the smaller of KS and chi-square, or chi-square alone. */
  readonly pValue: number;
  /** After Benjamini–Hochberg over all inputs with enough data; null without enough data. */
  readonly adjustedPValue: number | null;
  /** Highest adjusted p-value that counts as significant. */
  readonly significance: number;
  /** Share of the model's importance in [0, 1]; 0 for what is not scored. */
  readonly importance: number;
  /** PSI × importance (PSI alone for the probability): what to look at first. */
  readonly rank: number;
  readonly bins: readonly DriftBin[];
}

/** What one drift run found. Kept as one JSON file. */
export interface DriftReport {
  readonly format: 'drift-report/1';
  /** End of the window as in a file name: `2026-11-23T00-00-00Z`; with `.manual-…` behind it when asked for by hand. */
  readonly id: string;
  readonly trigger: 'schedule' | 'catch-up' | 'manual';
  readonly window: { readonly from: string; readonly to: string; readonly hours: number };
  readonly createdAt: string;
  readonly durationMs: number;
  readonly model: ModelIdentity;
  readonly verdict: DriftVerdict;
  /** Decisions of the model in the window. */
  readonly rows: number;
  readonly referenceRows: number;
  /** Set when the window held more rows than the KS test keeps: it then saw a uniform sample. */
  readonly reservoir: { readonly rows: number; readonly seed: number } | null;
  readonly damagedLines: number;
  readonly thresholds: {
    readonly psi: { readonly moderate: number; readonly major: number };
    readonly falseDiscoveryRate: number;
    readonly minimumRows: number;
  };
  /** Highest rank first; the probability is one of them. */
  readonly inputs: readonly InputDrift[];
}

/** A report whose maker has not said yet how long it took, reading the window included. */
export type UntimedDriftReport = Omit<DriftReport, 'durationMs'>;

/** One line of the history of runs. */
export interface DriftRun {
  readonly id: string;
  readonly trigger: DriftReport['trigger'];
  readonly window: DriftReport['window'];
  readonly createdAt: string;
  readonly model: ModelIdentity;
  readonly verdict: DriftVerdict;
  readonly rows: number;
  /** Names of the drifted inputs, highest rank first. */
  readonly drifted: readonly string[];
  /** PSI by input, for sparklines. */
  readonly psi: Readonly<Record<string, number>>;
  /** Verdict by input. */
  readonly verdicts: Readonly<Record<string, DriftVerdict>>;
}
