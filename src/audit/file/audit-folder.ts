import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Clock } from '../../common/clock';
import { FilePredictionLog } from '../../logging/file/file-prediction-log';
import { LogFolderError, LogFolderTakenError } from '../../logging/file/log-folder-error';
import { LogUnavailableError } from '../../logging/prediction-log';
import { type AuditRecord, type RecordDraft } from '../../logging/prediction-record';
import { type AuditSink } from '../audit-sink';

/** Folder within the log's. */
const FOLDER = 'audit';

/** Whoever holds the folder writes one record, within milliseconds. */
const ASK_AGAIN_MS = 20;
const WAIT_AT_MOST_MS = 10_000;

/** Somebody has to make room, or to give a right. */
const RETRY_AFTER_SECONDS = 10;

/** Where audit records are kept that the log's own writer does not make. */
export function auditFolderOf(logFolder: string): string {
  return join(logFolder, FOLDER);
}

/**
 * Audit records of processes that may not write the prediction log, as it has one writer: the command line, and
 * a service with `ROLES=monitoring`. They are kept in a log of the same form in a folder of its own, which is
 * taken for one record at a time.
 */
export class AuditFolder implements AuditSink {
  private turn: Promise<unknown> = Promise.resolve();

  /** @param logFolder the prediction log's */
  constructor(
    private readonly logFolder: string,
    private readonly fsync: 'never' | 'always',
    private readonly clock: Clock,
  ) {}

  /**
   * Keeps a record; records are kept in the order of the calls. Cost: some milliseconds, as the folder is opened for it.
   *
   * @throws {LogUnavailableError} it was not kept
   */
  append(draft: RecordDraft<AuditRecord>): Promise<AuditRecord> {
    const kept = this.turn.then(() => this.keep(draft));
    this.turn = kept.catch(() => undefined);
    return kept;
  }

  /** Nothing is held between two records. */
  async close(): Promise<void> {
    await this.turn;
  }

  private async keep(draft: RecordDraft<AuditRecord>): Promise<AuditRecord> {
    try {
      const log = await this.open();
      try {
        return await log.append<AuditRecord>(draft);
      } finally {
        await log.close();
      }
    } catch (error) {
      if (!(error instanceof LogFolderError)) throw error;
      throw new LogUnavailableError(error.message, RETRY_AFTER_SECONDS, { cause: error });
    }
  }

  private async open(): Promise<FilePredictionLog> {
    for (const end = performance.now() + WAIT_AT_MOST_MS; ;) {
      try {
        return await FilePredictionLog.open({
          folder: auditFolderOf(this.logFolder),
          fsync: this.fsync,
          clock: this.clock,
          // Told by `append` too; the next record opens the folder anew.
          onFatal: () => undefined,
        });
      } catch (error) {
        if (!(error instanceof LogFolderTakenError) || performance.now() > end) throw error;
        // Two that came at the same moment must not meet again.
        await wait(ASK_AGAIN_MS * (1 + Math.random()));
      }
    }
  }
}
