import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Some 50 ms a guess: client ids are short, and somebody who has the trail could try them all. */
const SCRYPT_COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;

const HASH_PATTERN = /^client:([A-Za-z0-9_-]{22}):([A-Za-z0-9_-]{43})$/;

/**
 * What stands for a client in the audit trail: a salted scrypt hash, each time another one. Whoever has the client
 * id can tell that a record is about it (`isHashOfClientId`); nobody can read the client id from it.
 *
 * @returns `client:<salt>:<hash>`, base64url
 */
export function hashClientId(clientId: string): string {
  const salt = randomBytes(SALT_BYTES);
  return `client:${salt.toString('base64url')}:${scrypt(clientId, salt).toString('base64url')}`;
}

/** Whether a subject of the audit trail stands for this client. Cost: some 50 ms. */
export function isHashOfClientId(subject: string, clientId: string): boolean {
  const [, salt, hash] = HASH_PATTERN.exec(subject) ?? [];
  if (salt === undefined || hash === undefined) return false;
  return timingSafeEqual(scrypt(clientId, Buffer.from(salt, 'base64url')), Buffer.from(hash, 'base64url'));
}

function scrypt(clientId: string, salt: Buffer): Buffer {
  return scryptSync(clientId, salt, HASH_BYTES, SCRYPT_COST);
}
