import { type Clock } from '../common/clock';
import { type Configuration } from '../config/configuration';
import { type AuditSink } from './audit-sink';

/**
 * Opens where commands, and services that only read the log, keep their audit records: in files a folder beside the
 * log, which has one writer; in PostgreSQL the log itself.
 *
 * @param clock milliseconds since the epoch
 * @throws what the connection to the database answered
 */
export async function openAuditSink({ log, storage }: Configuration, clock: Clock): Promise<AuditSink> {
  switch (storage.kind) {
    case 'file':
      return new (await import('./file/audit-folder')).AuditFolder(log.folder, log.fsync, clock);
    case 'postgres':
      return (await import('./postgres/audit-table')).AuditTable.open(storage.url, clock);
  }
}
