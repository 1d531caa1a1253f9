import { type JSONWebKeySet } from 'jose';
import { AccessError } from '../access-error';

/** What only the issuer may have: `d` and its parts, and the `k` of a shared secret. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'];

/**
 * Reads a set of public keys (JWKS, RFC 7517). The library checks each key when it is used.
 *
 * @throws {AccessError} when it is no such set, or holds a private or shared key, with which tokens could be made
 */
export function parseKeySet(file: string, text: string): JSONWebKeySet {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw wrong(file, '', 'a complete JSON document');
  }
  if (!isObject(document) || !Array.isArray(document['keys'])) throw wrong(file, 'keys', 'a list of keys');
  const keys: readonly unknown[] = document['keys'];
  return {
    keys: keys.map((key, index) => {
      const path = `keys[${index}]`;
      if (!isObject(key)) throw wrong(file, path, 'an object');
      const { kty } = key;
      if (typeof kty !== 'string') throw wrong(file, `${path}.kty`, 'a type of key such as EC');
      const secret = PRIVATE_MEMBERS.find((name) => name in key);
      if (secret !== undefined) {
        throw wrong(file, `${path}.${secret}`, 'no such member: only public keys belong here');
      }
      return { ...key, kty };
    }),
  };
}

function wrong(file: string, path: string, expectation: string): AccessError {
  return new AccessError(
    `${file}${path && `: ${path}`}: expected ${expectation}. JWT_JWKS must name a JWKS (RFC 7517).`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
