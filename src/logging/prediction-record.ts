import { type InputValues } from '../scoring/application/application';
import { type Decision } from '../scoring/policy/decide';

/** The model that answered, by name and by content. */
export interface RecordedModel {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of the bundle's `model.json`, lower-case hexadecimal. */
  readonly sha256: string;
  readonly role: 'champion' | 'challenger' | 'shadow';
}

interface RecordBase {
  /** UUIDv7 issued by the log: ids rise strictly in log order, also across restarts and clock steps. */
  readonly id: string;
  /** ISO 8601, UTC, milliseconds: the time inside `id`, so time order is log order. */
  readonly at: string;
  readonly requestId: string;
  /** Who asked; `anonymous` while access control is off. */
  readonly caller: string;
  readonly idempotencyKey?: string;
  readonly clientId?: string;
  /** From the request's first byte to just before the record was handed to the log, milliseconds. */
  readonly totalTimeMs: number;
}

/** One decision, complete enough to be replayed years later. */
export interface DecisionRecord extends RecordBase {
  readonly model: RecordedModel;
  readonly inputs: InputValues;
  readonly protected?: InputValues;
  /** Probability of default, full float64, in [0, 1]. */
  readonly probability: number;
  readonly score: number;
  readonly decision: Decision;
  readonly policyVersion: string;
  readonly inferenceTimeMs: number;
}

/** A request that was refused or failed: which fields and why, never a value. */
export interface RefusalRecord extends RecordBase {
  /** The HTTP status that was answered, 400 to 599. */
  readonly status: number;
  /** Title of the problem document and the fields it named. */
  readonly problem: {
    readonly title: string;
    readonly errors?: readonly { readonly field: string; readonly code: string }[];
  };
}

/** One line of the prediction log. A refusal is the one that has a `status`. */
export type PredictionRecord = DecisionRecord | RefusalRecord;

/** A record before the log gave it its place: without `id` and `at`. */
export type RecordDraft<R extends PredictionRecord = PredictionRecord> = R extends PredictionRecord
  ? Omit<R, 'id' | 'at'>
  : never;
