import { hashIdempotencyKey } from '../hash-idempotency-key';
import { type LogRecord, type RecordDraft } from '../prediction-record';

/** A draft as the database takes it, with what records are looked up by. */
export interface DraftRow {
  /** JSON behind its opening brace, where the database puts `id` and `at`; no newline. */
  readonly members: string;
  /** Bytes of the JSON in UTF-8. */
  readonly bytes: number;
  readonly kind: 'decision' | 'refusal' | 'audit';
  readonly clientId: string | null;
  /** Of a decision that was made under an idempotency key. */
  readonly keyHash: Buffer | null;
}

/** Longest record, in bytes, as in a log of files: every reader can work with bounded memory. */
const LONGEST_RECORD = 1024 * 1024;

/**
 * Makes the row of a draft.
 *
 * @throws {RangeError} the record is longer than any may be
 */
export function makeDraftRow(draft: RecordDraft<LogRecord>): DraftRow {
  const json = JSON.stringify(draft);
  const bytes = Buffer.byteLength(json);
  if (bytes > LONGEST_RECORD) {
    throw new RangeError(`A record takes ${bytes} bytes, ${LONGEST_RECORD} at most are kept: shorten it`);
  }
  const members = json.slice(1);
  if ('audit' in draft) return { members, bytes, kind: 'audit', clientId: null, keyHash: null };
  const isDecision = 'decision' in draft;
  const { clientId, caller, tenant, idempotencyKey } = draft;
  return {
    members,
    bytes,
    kind: isDecision ? 'decision' : 'refusal',
    clientId: clientId ?? null,
    keyHash:
      isDecision && idempotencyKey !== undefined
        ? hashIdempotencyKey({ caller, tenant, idempotencyKey })
        : null,
  };
}
