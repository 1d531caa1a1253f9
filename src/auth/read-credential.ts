import { type IncomingMessage } from 'node:http';

/** What a request brings along to prove who asks. */
export type Credential =
  | { readonly kind: 'none' }
  /** Two that contradict each other, or one of a kind that is not known here. */
  | { readonly kind: 'unusable' }
  | { readonly kind: 'bearer'; readonly text: string }
  | { readonly kind: 'key'; readonly text: string };

const BEARER_PATTERN = /^Bearer +([\x21-\x7e]+)$/i;
const NONE: Credential = { kind: 'none' };
const UNUSABLE: Credential = { kind: 'unusable' };

/**
 * Reads `Authorization: Bearer …` or `X-API-Key`, and nothing else: what stands in an address ends up in logs.
 * Two at once are none: a proxy may have judged by the other one.
 */
export function readCredential(request: IncomingMessage): Credential {
  const { authorization, 'x-api-key': key } = request.headers;
  if (authorization === undefined) {
    if (key === undefined) return NONE;
    // Node joins a repeated header of this name with a comma, which no key holds.
    return typeof key === 'string' ? { kind: 'key', text: key } : UNUSABLE;
  }
  if (key !== undefined || isRepeated(request.rawHeaders, 'authorization')) return UNUSABLE;
  const text = BEARER_PATTERN.exec(authorization)?.[1];
  return text === undefined ? UNUSABLE : { kind: 'bearer', text };
}

/** Node keeps the first of them and drops the others silently. */
function isRepeated(rawHeaders: readonly string[], name: string): boolean {
  let seen = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index];
    if (header?.length === name.length && header.toLowerCase() === name) seen++;
  }
  return seen > 1;
}
