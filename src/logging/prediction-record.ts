import { type AuditAction } from '../common/audit';
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
  /** Whose record it is; absent when it was made while access control was off. */
  readonly tenant?: string;
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
  /**
   * Set when the client was erased: every input is null and `clientId` a tombstone. What is left is the
   * lender's record of its act.
   */
  readonly erased?: {
    /** ISO 8601, UTC. */
    readonly at: string;
  };
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

/** What became of a request for a decision. A refusal is the one that has a `status`. */
export type PredictionRecord = DecisionRecord | RefusalRecord;

/** What somebody did beside asking for decisions: who, what, when and from where; never a personal value. */
export interface AuditRecord extends Pick<RecordBase, 'id' | 'at' | 'caller'> {
  readonly audit: {
    readonly action: AuditAction;
    /** On what, such as the prefix of a key, an address of the service, or the id of a record. */
    readonly subject?: string;
    /** How it ended, such as `done`, `refused` or a status. */
    readonly outcome: string;
    /** Address of the one who asked, or `command line`. */
    readonly from?: string;
    /** What else there is to know: numbers and short words. */
    readonly details?: Readonly<Record<string, string | number>>;
    /** So many alike within a minute, of which this is the sum; one when absent. */
    readonly times?: number;
  };
  /** Of the HTTP request; absent on the command line, and in a sum. */
  readonly requestId?: string;
}

/** One line of the log. */
export type LogRecord = PredictionRecord | AuditRecord;

/** A record before the log gave it its place: without `id` and `at`. */
export type RecordDraft<R extends LogRecord = PredictionRecord> = R extends LogRecord
  ? Omit<R, 'id' | 'at'>
  : never;
