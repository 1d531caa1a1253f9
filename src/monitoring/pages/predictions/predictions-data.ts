import { type PredictionRecord } from '../../../logging/prediction-record';
import { type RecordsPage } from '../../../logging/records.service';
import { type Replay } from '../../../replay/replay.service';
import { type InputValue } from '../../../scoring/application/application';
import { type Policy } from '../../../scoring/policy/policy';
import { type InputDefinition } from '../../../scoring/manifest/manifest';
import { type ReferencePosition } from './find-reference-position';

/** What the page of decisions shows, raw; also the answer of `GET /monitoring/api/predictions`. */
export interface PredictionsData {
  /** Newest first. */
  readonly items: RecordsPage['items'];
  /** Send it as `cursor` for what is older; null at the end. */
  readonly nextCursor: string | null;
  /** Set when the search stopped before the page was full: how far back it looked, ISO 8601, UTC. */
  readonly searchedTo: string | null;
}

/** One recorded value. */
export interface RecordedInput {
  readonly name: string;
  readonly value: InputValue;
  /** Null when the bundle that decided is no longer kept. */
  readonly definition: InputDefinition | null;
  readonly position: ReferencePosition | null;
}

/** What the page of one record shows, raw; also the answer of `GET /monitoring/api/predictions/{id}`. */
export interface PredictionData {
  readonly record: PredictionRecord;
  /** Of a decision; empty for a refusal, of which no values are kept. */
  readonly inputs: readonly RecordedInput[];
  /** Recorded, never scored. */
  readonly protected: readonly RecordedInput[];
  /** By which the model decided; null for a refusal, and when the bundle is no longer kept. */
  readonly policy: Pick<Policy, 'version' | 'bands'> | null;
  /** Whether the bundle that decided is still kept as it was; null for a refusal. */
  readonly modelKept: boolean | null;
}

/** What making a decision again gave: both results, or why it was not possible. */
export type ReplayOutcome = Replay | 'model-unavailable';
