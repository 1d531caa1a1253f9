import { PostgresLogReader } from '../../logging/postgres/postgres-log-reader';
import { type AuditRecord } from '../../logging/prediction-record';
import { type AuditSpan, mergeAuditLogs } from '../merge-audit-logs';

/**
 * Audit records of a log in PostgreSQL, oldest first, whoever wrote them. See `mergeAuditLogs`.
 *
 * @param url a secret: no error holds anything of it
 * @throws {LogUnavailableError} the database cannot be read now
 */
export async function* readAuditTable(
  url: string,
  span: AuditSpan,
  onDamagedLines: (lines: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<AuditRecord> {
  yield* mergeAuditLogs([PostgresLogReader.open({ url })], span, onDamagedLines, signal);
}
