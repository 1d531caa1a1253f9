import { type Clock } from '../../common/clock';
import { Database } from '../../database/database';
import { PostgresPredictionLog } from '../../logging/postgres/postgres-prediction-log';
import { type AuditRecord, type RecordDraft } from '../../logging/prediction-record';
import { type AuditSink } from '../audit-sink';

/** Each record is waited for. */
const CONNECTIONS = 1;

/** Audit records of processes that write no decisions: they stand in the log, as those of the service do. */
export class AuditTable implements AuditSink {
  private constructor(
    private readonly database: Database,
    private readonly log: PostgresPredictionLog,
  ) {}

  /**
   * @param url a secret: no error holds anything of it
   * @param clock milliseconds since the epoch
   * @throws {LogUnavailableError} the log cannot be written
   */
  static async open(url: string, clock: Clock): Promise<AuditTable> {
    const database = new Database({ url, maxConnections: CONNECTIONS });
    try {
      return new AuditTable(database, await PostgresPredictionLog.open({ database, clock }));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** @inheritDoc */
  append(draft: RecordDraft<AuditRecord>): Promise<AuditRecord> {
    return this.log.append<AuditRecord>(draft);
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    await this.log.close();
    await this.database.close();
  }
}
