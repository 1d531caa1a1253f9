import { isRecordId } from '../issue-record-id';
import {
  type AuditLogReader,
  type LogPage,
  type LogQuery,
  type PredictionLogReader,
} from '../prediction-log';
import { type AuditRecord, type PredictionRecord } from '../prediction-record';
import { checkLogQuery } from './check-log-query';
import { type LogSegment } from './log-segment';
import { findRecord, readAuditRecords, readRecords } from './read-log';

/** Retention removes old segments, one after the other; a read that meets one begins again without it. */
export const MOST_READ_ATTEMPTS = 5;

/** Reading a log that lies in segments: the same for the process that writes them and for those that look on. */
export abstract class SegmentReads
  implements Pick<PredictionLogReader, 'read' | 'find'>, Pick<AuditLogReader, 'readAudit'>
{
  /** @inheritDoc */
  async read(query: LogQuery): Promise<LogPage> {
    checkLogQuery(query);
    return this.withSegments((segments) => readRecords(segments, query));
  }

  /** @inheritDoc */
  async readAudit(query: LogQuery): Promise<LogPage<AuditRecord>> {
    checkLogQuery(query);
    return this.withSegments((segments) => readAuditRecords(segments, query));
  }

  /** @inheritDoc */
  async find(id: string): Promise<PredictionRecord | undefined> {
    const wanted = id.toLowerCase();
    return isRecordId(wanted) ? this.withSegments((segments) => findRecord(segments, wanted)) : undefined;
  }

  /**
   * Hands out the segments there are, oldest first; `work` is called again, up to `MOST_READ_ATTEMPTS` times, when
   * one of them is removed meanwhile.
   *
   * @throws {Error} the log is closed, or the folder cannot be read
   */
  protected abstract withSegments<T>(work: (segments: readonly LogSegment[]) => Promise<T>): Promise<T>;
}

/** Thrown into reads that come after `close`: a mistake of the caller's. */
export function closedForReading(): Error {
  return new Error('The prediction log is closed: read before closing it');
}
