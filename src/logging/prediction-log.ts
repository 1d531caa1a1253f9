import { type OwnedKey } from './hash-idempotency-key';
import {
  type AuditRecord,
  type DecisionRecord,
  type LogRecord,
  type PredictionRecord,
  type RecordDraft,
} from './prediction-record';

/** Which records to read: those strictly between two ids, in either direction. */
export interface LogQuery {
  /** Exclusive lower bound: a record's id, or `firstIdAt(time)`. */
  readonly after?: string;
  /** Exclusive upper bound. */
  readonly before?: string;
  /** Oldest first unless `newest-first`. */
  readonly order?: 'oldest-first' | 'newest-first';
  /** How many records at most, 1 to 10,000. */
  readonly limit: number;
}

/** Part of the log. */
export interface LogPage<R extends LogRecord = PredictionRecord> {
  readonly records: readonly R[];
  /** True when the log held more records within the bounds when it was read. */
  readonly more: boolean;
  /** Lines met on the way whose checksum did not hold; they are left out of `records`. */
  readonly damagedLines: number;
}

/** Whether this process can use the log for what it does with it, for readiness and for operators. */
export interface LogState {
  /** The writer can write; a mere reader can read. */
  readonly available: boolean;
  /** Why not, and what to do; absent while available. */
  readonly reason?: string;
  /** Records waiting for their write; 0 for a reader. */
  readonly waiting: number;
  /** Lines set aside because their checksum did not hold, as far as this process knows. */
  readonly damagedLines: number;
}

/** Injection token of the `PredictionLogReader`. */
export const PREDICTION_LOG_READER = Symbol('PredictionLogReader');

/**
 * What was decided, for those who only read: in the writer's process, in another one, or after a restart.
 * Audit records are left out, see `AuditLogReader`.
 */
export interface PredictionLogReader {
  /** Records between two ids; the same bounds always yield the same records, unless newer ones came. */
  read(query: LogQuery): Promise<LogPage>;
  /** One record; undefined when there is none. Cost: O(log n) small reads, whatever the log's length. */
  find(id: string): Promise<PredictionRecord | undefined>;
  /** Whether it can be used; a writer whose last write failed tries again. */
  probe(): Promise<LogState>;
  /** Finishes what it does, then lets the folder go. */
  close(): Promise<void>;
}

/** Injection token of the `PredictionLog`; only the process that writes has one. */
export const PREDICTION_LOG = Symbol('PredictionLog');

/**
 * Where decisions are kept. Resolving means durable: the record survives a kill of this process
 * (and with `LOG_FSYNC=always` the loss of power).
 */
export interface PredictionLog extends PredictionLogReader {
  /**
   * Gives the record its id and time, and keeps it. Ids rise in the order of the calls.
   *
   * @throws {LogUnavailableError} the record was not kept; nothing of it stays behind, unless the log is on another
   *   machine that stopped answering: then it may be kept all the same
   * @throws {IdempotencyKeyTakenError} by a log that keeps keys itself, see `KeyKeepingLog`; nothing was kept
   */
  append<R extends LogRecord>(draft: RecordDraft<R>): Promise<R>;
  /** Records waiting for their write, as `probe` tells it, without looking at anything else. */
  readonly waiting: number;
}

/**
 * A log that several processes write, and which therefore decides itself which record stands for an idempotency
 * key: a key stands for one decision, whoever comes first, for 24 hours from the time of the record.
 */
export interface KeyKeepingLog extends PredictionLog {
  /** The decision that a key stands for now. Cost: one look-up in an index. */
  findByKey(key: OwnedKey): Promise<DecisionRecord | undefined>;
}

/** Whether a log keeps idempotency keys itself. */
export function keepsKeys(log: PredictionLog): log is KeyKeepingLog {
  return 'findByKey' in log;
}

/** A log that finds the records of one client without looking at those of others. */
export interface ClientIndexedLog extends PredictionLogReader {
  /** A client's records between two ids, as `read`. Cost: as `read`, however many others lie between them. */
  readOfClient(clientId: string, query: LogQuery): Promise<LogPage>;
}

/** Whether a log finds a client's records by an index. */
export function indexesClients(log: PredictionLogReader): log is ClientIndexedLog {
  return 'readOfClient' in log;
}

/** Another process has decided under this idempotency key; its decision can be had by `findByKey`. */
export class IdempotencyKeyTakenError extends Error {
  override readonly name = 'IdempotencyKeyTakenError';
}

/** Audit records stand between the others; they are read by themselves, and nobody else meets them. */
export interface AuditLogReader {
  /** Audit records between two ids. Cost: O(lines between them), as those of predictions are stepped over. */
  readAudit(query: LogQuery): Promise<LogPage<AuditRecord>>;
  /** Finishes what it does, then lets the folder go. */
  close(): Promise<void>;
}

/** The log could not keep a record: answer 503 and ask for a retry. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
  /** Whether nothing of the record is there for certain; otherwise it may have been kept, or come back with a restart. */
  readonly nothingKept: boolean;

  constructor(
    message: string,
    /** Seconds after which a retry makes sense. */
    readonly retryAfterSeconds: number,
    { nothingKept = false, ...options }: ErrorOptions & { readonly nothingKept?: boolean } = {},
  ) {
    super(message, options);
    this.nothingKept = nothingKept;
  }
}
