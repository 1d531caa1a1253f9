import { type Configuration } from '../config/configuration';
import { type AuditRecord } from '../logging/prediction-record';
import { type AuditSpan } from './merge-audit-logs';

/**
 * Audit records of a span of time, oldest first, from wherever the configuration keeps the log. See `mergeAuditLogs`.
 *
 * @param onDamagedLines told how many lines met on the way could not be read
 * @param signal ends the reading early
 * @throws {LogFolderError} a folder cannot be read
 * @throws {LogUnavailableError} the database cannot be read now
 */
export async function* readAuditTrail(
  { log, storage }: Configuration,
  span: AuditSpan,
  onDamagedLines: (lines: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<AuditRecord> {
  switch (storage.kind) {
    case 'file': {
      const { readAuditFolders } = await import('./file/read-audit-folders');
      yield* readAuditFolders(log.folder, span, onDamagedLines, signal);
      return;
    }
    case 'postgres': {
      const { readAuditTable } = await import('./postgres/read-audit-table');
      yield* readAuditTable(storage.url, span, onDamagedLines, signal);
      return;
    }
  }
}
