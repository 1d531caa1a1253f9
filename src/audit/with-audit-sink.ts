import { type Clock } from '../common/clock';
import { type Configuration } from '../config/configuration';
import { type AuditSink } from './audit-sink';
import { openAuditSink } from './open-audit-sink';

/**
 * Does what is to be on record, with an audit sink that is open for so long. It begins only when the sink could be
 * opened.
 *
 * @param clock milliseconds since the epoch
 * @throws {LogUnavailableError} the database cannot be written; and what the work throws
 */
export async function withAuditSink<T>(
  configuration: Configuration,
  clock: Clock,
  work: (audit: AuditSink) => Promise<T>,
): Promise<T> {
  const audit = await openAuditSink(configuration, clock);
  try {
    return await work(audit);
  } finally {
    await audit.close();
  }
}
