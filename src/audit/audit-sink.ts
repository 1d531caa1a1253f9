import { type AuditRecord, type RecordDraft } from '../logging/prediction-record';

/** Injection token of the `AuditSink`. */
export const AUDIT_SINK = Symbol('AuditSink');

/**
 * Keeps an audit record; resolves when it is durable.
 *
 * @throws {LogUnavailableError} it was not kept
 */
export type AuditSink = (draft: RecordDraft<AuditRecord>) => Promise<AuditRecord>;
