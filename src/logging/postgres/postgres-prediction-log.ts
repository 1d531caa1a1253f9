import { type Clock } from '../../common/clock';
import { type Database } from '../../database/database';
import { hashIdempotencyKey, type OwnedKey } from '../hash-idempotency-key';
import { timeOfId } from '../issue-record-id';
import {
  type AuditLogReader,
  type ClientIndexedLog,
  IdempotencyKeyTakenError,
  type KeyKeepingLog,
  type LogPage,
  type LogQuery,
  type LogState,
  LogUnavailableError,
} from '../prediction-log';
import {
  type AuditRecord,
  type DecisionRecord,
  type LogRecord,
  type PredictionRecord,
  type RecordDraft,
} from '../prediction-record';
import { makeDraftRow } from './draft-row';
import { LogConnection } from './log-connection';
import { explainWriteFailure } from './log-failure';
import { PostgresLogReader } from './postgres-log-reader';
import { WriteQueue } from './write-queue';

/** What the log needs. */
export interface PostgresPredictionLogOptions {
  /** Migrated; stays open when the log is closed. */
  readonly database: Database;
  /** Milliseconds since the epoch. */
  readonly clock: Clock;
  /** Records that may wait for their write; 16,384 unless given. */
  readonly maxWaitingRecords?: number;
  /** Bytes that may wait for their write; 32 MiB unless given. */
  readonly maxWaitingBytes?: number;
}

/** As with files: sixteen full batch requests at once, a second of work for a busy server. */
const MAX_WAITING_RECORDS = 16_384;

/** As many records of twice the usual length. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** Written in some tens of milliseconds; a larger write gains little, and holds back the other instances. */
const MAX_WRITE_RECORDS = 1000;
const MAX_WRITE_BYTES = 2 * 1024 * 1024;

/** So that the refusal is with the caller within two seconds. */
const WRITE_DEADLINE_MS = 1700;

/** An answer younger than this vouches for the server. */
const PROBE_EVERY_MS = 1000;

/** The queue empties within milliseconds unless the server stands still. */
const RETRY_AFTER_SECONDS = 1;

/**
 * The prediction log in PostgreSQL, which several instances write.
 *
 * Ids and times are given by the database, one transaction after the other, so the order of ids is the order of
 * commits over all instances. A record is acknowledged when its transaction is committed and durable. Writes go over
 * one connection, in groups; reads over the pool. Memory is bounded, and every wait ends within two seconds.
 */
export class PostgresPredictionLog implements KeyKeepingLog, ClientIndexedLog, AuditLogReader {
  private readonly connection: LogConnection;
  private readonly reader: PostgresLogReader;
  private readonly writes: WriteQueue;
  private newest = { milliseconds: NaN, at: '' };
  private writeFailure: LogUnavailableError | undefined;
  private answeredAt = Number.NEGATIVE_INFINITY;
  private probedAt = Number.NEGATIVE_INFINITY;
  private probing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  private constructor(private readonly options: PostgresPredictionLogOptions) {
    this.connection = new LogConnection(options.database);
    this.reader = new PostgresLogReader(options.database);
    this.writes = new WriteQueue(
      async (rows) => {
        try {
          const ids = await this.connection.append(rows, options.clock());
          this.succeeded();
          return ids;
        } catch (error) {
          throw this.failed(error);
        }
      },
      {
        maxWaitingRecords: options.maxWaitingRecords ?? MAX_WAITING_RECORDS,
        maxWaitingBytes: options.maxWaitingBytes ?? MAX_WAITING_BYTES,
        maxWriteRecords: MAX_WRITE_RECORDS,
        maxWriteBytes: MAX_WRITE_BYTES,
        deadlineMs: WRITE_DEADLINE_MS,
      },
      () => this.failed(new Error(`timeout: not written within ${WRITE_DEADLINE_MS} ms`)),
    );
  }

  /**
   * Connects, so that a wrong setting shows at start.
   *
   * @throws {LogUnavailableError} the log cannot be written
   */
  static async open(options: PostgresPredictionLogOptions): Promise<PostgresPredictionLog> {
    const log = new PostgresPredictionLog(options);
    try {
      await log.connection.tryWriting();
    } catch (error) {
      await log.close();
      throw explainWriteFailure(error);
    }
    log.succeeded();
    return log;
  }

  /** @inheritDoc */
  async append<R extends LogRecord>(draft: RecordDraft<R>): Promise<R> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    // The types say so; a stored record handed in again would take its old place with it.
    if ('id' in draft || 'at' in draft) {
      throw new TypeError('The log gives a record its id and time: pass none');
    }
    const id = await this.writes.add(makeDraftRow(draft));
    if (id === undefined) {
      throw new IdempotencyKeyTakenError('Another decision was made under this idempotency key: read it');
    }
    return { id, at: this.timeOf(id), ...draft } as unknown as R;
  }

  /** @inheritDoc */
  async findByKey(key: OwnedKey): Promise<DecisionRecord | undefined> {
    return this.reader.findByKey(hashIdempotencyKey(key), this.options.clock());
  }

  /** @inheritDoc */
  read(query: LogQuery): Promise<LogPage> {
    return this.reader.read(query);
  }

  /** @inheritDoc */
  readOfClient(clientId: string, query: LogQuery): Promise<LogPage> {
    return this.reader.readOfClient(clientId, query);
  }

  /** @inheritDoc */
  readAudit(query: LogQuery): Promise<LogPage<AuditRecord>> {
    return this.reader.readAudit(query);
  }

  /** @inheritDoc */
  find(id: string): Promise<PredictionRecord | undefined> {
    return this.reader.find(id);
  }

  /** @inheritDoc */
  get waiting(): number {
    return this.writes.waiting;
  }

  /** @inheritDoc */
  async probe(): Promise<LogState> {
    const now = performance.now();
    if (this.closing === undefined && now - Math.max(this.answeredAt, this.probedAt) >= PROBE_EVERY_MS) {
      this.probedAt = now;
      this.probing = this.askServer();
    }
    await this.probing;
    const reason = this.refusal() ?? this.writeFailure;
    return {
      available: reason === undefined,
      ...(reason !== undefined && { reason: reason.message }),
      waiting: this.waiting,
      damagedLines: 0,
    };
  }

  /** @inheritDoc */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    await this.writes.idle();
    await this.connection.close();
    await this.reader.close();
  }

  /** Why nothing can be accepted now; undefined while it can. A failed write refuses nothing: the next is tried. */
  private refusal(): LogUnavailableError | undefined {
    if (this.closing !== undefined) {
      return new LogUnavailableError(
        'The prediction log is closed, as the service is stopping: ask again',
        RETRY_AFTER_SECONDS,
        { nothingKept: true },
      );
    }
    if (!this.writes.isFull) return undefined;
    return new LogUnavailableError(
      `${this.waiting} records wait to be written to PostgreSQL: it is slower than the requests, look at it if this lasts`,
      RETRY_AFTER_SECONDS,
      { nothingKept: true },
    );
  }

  /** ISO 8601, UTC: the millisecond inside an id, which records of one write share. */
  private timeOf(id: string): string {
    const milliseconds = timeOfId(id);
    if (milliseconds !== this.newest.milliseconds) {
      this.newest = { milliseconds, at: new Date(milliseconds).toISOString() };
    }
    return this.newest.at;
  }

  private succeeded(): void {
    this.answeredAt = performance.now();
    this.writeFailure = undefined;
  }

  private failed(error: unknown): LogUnavailableError {
    this.writeFailure = explainWriteFailure(error);
    return this.writeFailure;
  }

  /** After a failure only a write shows that writing is possible again. */
  private async askServer(): Promise<void> {
    try {
      await (this.writeFailure === undefined ? this.connection.ask() : this.connection.tryWriting());
      this.succeeded();
    } catch (error) {
      this.failed(error);
    }
  }
}
