import { type JWTPayload } from 'jose';
import { EVERY_TENANT, type Identity, type Scope, SCOPES, TENANT_PATTERN } from '../../common/http/identity';
import { USUAL_TENANT } from '../keys/api-key';

/** Names of callers stand in records: nothing that could break a line there. */
const SUBJECT_PATTERN = /^[\x21-\x7e]{1,128}$/;

/**
 * Who a token speaks for, from claims whose signature holds: `sub` is the caller; `scope` (words) or `scopes`
 * (list) what is allowed, of which words we do not know are left out; `tenant` whose records are meant.
 *
 * @returns undefined when a claim is not of its form: better no access than another's
 */
export function readTokenIdentity(claims: JWTPayload): Identity | undefined {
  const { sub, scope, scopes, tenant = USUAL_TENANT } = claims;
  if (typeof sub !== 'string' || !SUBJECT_PATTERN.test(sub)) return undefined;
  if (typeof tenant !== 'string' || !(tenant === EVERY_TENANT || TENANT_PATTERN.test(tenant)))
    return undefined;
  if (scope !== undefined && scopes !== undefined) return undefined;
  const words = typeof scope === 'string' ? scope.split(' ') : (scopes ?? []);
  if (!Array.isArray(words) || (scope !== undefined && typeof scope !== 'string')) return undefined;
  const granted = SCOPES.filter((known): known is Scope => words.includes(known));
  return Object.freeze({ name: sub, tenant, scopes: granted, method: 'token' });
}
