import { type AuditRecord, type RecordDraft } from '../logging/prediction-record';

/** Injection token of the `AuditSink`. */
export const AUDIT_SINK = Symbol('AuditSink');

/** Where audit records are kept. */
export interface AuditSink {
  /**
   * Keeps an audit record; resolves when it is durable.
   *
   * @throws {LogUnavailableError} it was not kept
   */
  append(draft: RecordDraft<AuditRecord>): Promise<AuditRecord>;
  /** Call it when the last record was kept. */
  close(): Promise<void>;
}
