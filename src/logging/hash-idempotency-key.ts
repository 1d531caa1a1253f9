import { createHash } from 'node:crypto';

/** Bytes of a hash: of all keys that fit into memory no two share one by chance, nor can a caller find two that do. */
export const KEY_HASH_BYTES = 16;

/** How long a key stands for its decision, from the time of the record; in PostgreSQL `append_records` says the same. */
export const KEY_KEPT_MS = 24 * 3_600_000;

/** A key within the space it belongs to: two callers, or two tenants, may use the same one. */
export interface OwnedKey {
  readonly caller: string;
  /** Absent while access control is off. */
  readonly tenant?: string | undefined;
  readonly idempotencyKey: string;
}

/**
 * What stands for a key in memory and in the index files: the first 16 bytes of a SHA-256.
 *
 * Equal for a request and for the record of its decision, so that the index can be made from the log.
 */
export function hashIdempotencyKey({ caller, tenant, idempotencyKey }: OwnedKey): Buffer {
  // As JSON, in which no text of a caller can move the border between the parts.
  const text = JSON.stringify([tenant ?? '', caller, idempotencyKey]);
  return createHash('sha256').update(text).digest().subarray(0, KEY_HASH_BYTES);
}
