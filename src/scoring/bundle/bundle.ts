import { type Forest } from '../forest/forest';
import { type LocalisedText, type Manifest } from '../manifest/manifest';
import { type Policy } from '../policy/policy';
import { type Reference } from '../reference/reference';

/** How a model was made, for its card; nothing is computed from it. */
export interface Training {
  readonly library: { readonly name: string; readonly version: string };
  /** scikit-learn's class name. */
  readonly estimator: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly dataset: {
    readonly name: string;
    readonly rows: number;
    readonly licence: string;
    readonly sha256: string;
    readonly attribution: string;
  };
  readonly seed: number | null;
  readonly split: {
    readonly method: string;
    readonly training: number;
    readonly validation: number;
    readonly holdout: number;
  } | null;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** What an adverse-action notice says when an input weighed against the client. */
export interface Reason {
  readonly input: string;
  readonly code: string;
  readonly text: LocalisedText;
}

/** One immutable model: all the service knows about it. */
export interface Bundle extends Manifest {
  readonly name: string;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly training: Training;
  readonly forest: Forest;
  readonly policy: Policy;
  /** One per input, in input order. */
  readonly reasons: readonly Reason[];
  readonly reference: Reference;
}
