import { hash, randomBytes } from 'node:crypto';
import { type ApiKey } from './api-key';

const PREFIX_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const PREFIX_LENGTH = 8;
const SECRET_BYTES = 32;

/** What somebody who makes a key decides about it. */
export type ApiKeyWishes = Pick<ApiKey, 'name' | 'tenant' | 'scopes' | 'expiresAt'>;

/**
 * A new key: its text, which is shown once and kept nowhere, and what is kept of it.
 *
 * A plain SHA-256 is enough to keep: 256 random bits cannot be tried out, so there is nothing for a slow hash to slow.
 */
export function makeApiKey(wishes: ApiKeyWishes, nowMs: number): { text: string; key: ApiKey } {
  const prefix = Array.from(randomBytes(PREFIX_LENGTH), (byte) => PREFIX_ALPHABET[byte % 32] ?? '').join('');
  const text = `pad_${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const key: ApiKey = {
    prefix,
    sha256: hash('sha256', text),
    ...wishes,
    createdAt: new Date(nowMs).toISOString(),
  };
  return { text, key };
}
