import { Database, type DatabaseOptions } from '../../database/database';
import {
  type AuditLogReader,
  type ClientIndexedLog,
  type LogPage,
  type LogQuery,
  type LogState,
} from '../prediction-log';
import { type AuditRecord, type DecisionRecord, type PredictionRecord } from '../prediction-record';
import { explainReadFailure } from './log-failure';
import {
  findDecisionByKey,
  findPrediction,
  readAuditRecords,
  readPredictions,
  readPredictionsOfClient,
} from './read-records';

/** A page of 10,000 records takes a tenth of a second; threads and commands are in no hurry. */
const PATIENT_STATEMENT_TIMEOUT_MS = 10_000;

/** A reader asks one thing after the other. */
const READER_CONNECTIONS = 2;

/**
 * The prediction log in PostgreSQL, for those who only read: in any process, or in a thread.
 *
 * Records appear in the order of their ids and never behind one that was seen before: see `append_records`.
 */
export class PostgresLogReader implements ClientIndexedLog, AuditLogReader {
  private isClosed = false;

  /** @param ownsDatabase whether the database is closed with the reader */
  constructor(
    private readonly database: Database,
    private readonly ownsDatabase = false,
  ) {}

  /** A reader with connections of its own, which end when it is closed; connects when it is first asked. */
  static open(options: Pick<DatabaseOptions, 'url'>): PostgresLogReader {
    const database = new Database({
      statementTimeoutMs: PATIENT_STATEMENT_TIMEOUT_MS,
      maxConnections: READER_CONNECTIONS,
      ...options,
    });
    return new PostgresLogReader(database, true);
  }

  /** @inheritDoc @throws {LogUnavailableError} the database cannot be read now */
  read(query: LogQuery): Promise<LogPage> {
    return this.ask((database) => readPredictions(database, query));
  }

  /** @inheritDoc @throws {LogUnavailableError} the database cannot be read now */
  readOfClient(clientId: string, query: LogQuery): Promise<LogPage> {
    return this.ask((database) => readPredictionsOfClient(database, clientId, query));
  }

  /** @inheritDoc @throws {LogUnavailableError} the database cannot be read now */
  readAudit(query: LogQuery): Promise<LogPage<AuditRecord>> {
    return this.ask((database) => readAuditRecords(database, query));
  }

  /** @inheritDoc @throws {LogUnavailableError} the database cannot be read now */
  find(id: string): Promise<PredictionRecord | undefined> {
    return this.ask((database) => findPrediction(database, id));
  }

  /**
   * The decision that a key stands for.
   *
   * @param keyHash of `hashIdempotencyKey`
   * @param nowMs milliseconds since the epoch: a key stands for 24 hours
   * @throws {LogUnavailableError} the database cannot be read now
   */
  findByKey(keyHash: Buffer, nowMs: number): Promise<DecisionRecord | undefined> {
    return this.ask((database) => findDecisionByKey(database, keyHash, nowMs));
  }

  /** @inheritDoc */
  async probe(): Promise<LogState> {
    try {
      await this.ask((database) => database.query('SELECT FROM log_head'));
      return { available: true, waiting: 0, damagedLines: 0 };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { available: false, reason, waiting: 0, damagedLines: 0 };
    }
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.ownsDatabase) await this.database.close();
  }

  private async ask<T>(question: (database: Database) => Promise<T>): Promise<T> {
    if (this.isClosed) throw new Error('The prediction log is closed: read before closing it');
    try {
      return await question(this.database);
    } catch (error) {
      throw explainReadFailure(error);
    }
  }
}
