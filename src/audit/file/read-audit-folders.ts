import { FileLogReader } from '../../logging/file/file-log-reader';
import { type AuditRecord } from '../../logging/prediction-record';
import { type AuditSpan, mergeAuditLogs } from '../merge-audit-logs';
import { auditFolderOf } from './audit-folder';

/**
 * Audit records of a log in files, oldest first: those that the service wrote into its log and those that commands and
 * other processes left beside it. See `mergeAuditLogs`.
 *
 * @param logFolder the prediction log's
 * @throws {LogFolderError} a folder cannot be read
 */
export async function* readAuditFolders(
  logFolder: string,
  span: AuditSpan,
  onDamagedLines: (lines: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<AuditRecord> {
  const log = await FileLogReader.open({ folder: logFolder });
  try {
    const beside = await FileLogReader.open({ folder: auditFolderOf(logFolder) });
    yield* mergeAuditLogs([log, beside], span, onDamagedLines, signal);
  } finally {
    await log.close();
  }
}
