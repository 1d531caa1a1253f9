import { type Scope } from '../../common/http/identity';

/**
 * The text of a key: a fixed beginning by which scanners for leaked secrets find it, eight characters that
 * identify it and may be shown, and 256 random bits as base64url.
 */
export const API_KEY_PATTERN = /^pad_([a-z2-7]{8})_[A-Za-z0-9_-]{43}$/;

/** The part of a key that identifies it. */
export const PREFIX_PATTERN = /^[a-z2-7]{8}$/;

/** What a key may be called: a word or a few, nothing that could break a line of a log. */
export const KEY_NAME_PATTERN = /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$/u;

/** Whose records a key without a tenant makes and sees. */
export const USUAL_TENANT = 'default';

/** What is kept of a key: enough to recognise it, not enough to use it. Times are ISO 8601, UTC. */
export interface ApiKey {
  readonly prefix: string;
  /** SHA-256 of the key's whole text, lower-case hexadecimal. */
  readonly sha256: string;
  readonly name: string;
  /** As `Identity.tenant`. */
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  /** From this moment on it is refused; absent: never. */
  readonly expiresAt?: string;
  /** Since when it is refused; absent: it is not. */
  readonly revokedAt?: string;
}
