import { EVERY_TENANT, type Scope, SCOPES, TENANT_PATTERN } from '../../common/http/identity';
import { AccessError } from '../access-error';
import { type ApiKey, KEY_NAME_PATTERN, PREFIX_PATTERN } from './api-key';

/** First key of the file: another format is none of ours to read. */
export const KEYS_FORMAT = 'api-keys/1';

const SHA256_PATTERN = /^[0-9a-f]{64}$/;
const TIME_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const MEMBERS: ReadonlySet<string> = new Set<keyof ApiKey>([
  'prefix',
  'sha256',
  'name',
  'tenant',
  'scopes',
  'createdAt',
  'expiresAt',
  'revokedAt',
]);

/**
 * Reads the text of a keys file. Strict: a member that was mistyped by hand must not widen what a key may do.
 *
 * @throws {AccessError} naming the key of the file that is not as it was written
 */
export function parseKeysFile(file: string, text: string): readonly ApiKey[] {
  function expect(holds: boolean, path: string, expectation: string): asserts holds {
    if (holds) return;
    throw new AccessError(
      `${file}${path && `: ${path}`}: expected ${expectation}. Bring back a copy, or mend it by hand.`,
    );
  }

  function parseKey(value: unknown, path: string): ApiKey {
    expect(isObject(value), path, 'an object');
    const unknown = Object.keys(value).find((name) => !MEMBERS.has(name));
    expect(unknown === undefined, path, `no members but ${[...MEMBERS].join(', ')}`);
    const string = (name: keyof ApiKey, pattern: RegExp, expectation: string): string => {
      const member = value[name];
      expect(typeof member === 'string' && pattern.test(member), `${path}.${name}`, expectation);
      return member;
    };
    const time = (name: keyof ApiKey): string => {
      const moment = string(name, TIME_PATTERN, 'a time, ISO 8601 in UTC with milliseconds');
      expect(!Number.isNaN(Date.parse(moment)), `${path}.${name}`, 'a time that exists');
      return moment;
    };
    const { scopes } = value;
    expect(isScopes(scopes), `${path}.scopes`, `a list of ${SCOPES.join(', ')}, not empty, each once`);
    return {
      prefix: string('prefix', PREFIX_PATTERN, 'eight characters of a to z and 2 to 7'),
      sha256: string('sha256', SHA256_PATTERN, 'a SHA-256 in lower-case hexadecimal'),
      name: string('name', KEY_NAME_PATTERN, 'a name of at most 64 letters, digits, spaces and ._@-'),
      tenant:
        value['tenant'] === EVERY_TENANT
          ? EVERY_TENANT
          : string('tenant', TENANT_PATTERN, 'a tenant of at most 64 letters, digits and ._-, or *'),
      scopes,
      createdAt: time('createdAt'),
      ...('expiresAt' in value && { expiresAt: time('expiresAt') }),
      ...('revokedAt' in value && { revokedAt: time('revokedAt') }),
    };
  }

  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    expect(false, '', 'a complete JSON document');
  }
  expect(isObject(document) && document['format'] === KEYS_FORMAT, 'format', KEYS_FORMAT);
  const values = document['keys'];
  expect(Array.isArray(values), 'keys', 'a list');
  const keys = values.map((value, index) => parseKey(value, `keys[${index}]`));
  keys.forEach(({ prefix }, index) => {
    const first = keys.findIndex((key) => key.prefix === prefix);
    expect(first === index, `keys[${index}].prefix`, `another one than keys[${first}] has`);
  });
  return keys;
}

/** The text that `parseKeysFile` reads. */
export function formatKeysFile(keys: readonly ApiKey[]): string {
  return `${JSON.stringify({ format: KEYS_FORMAT, keys }, null, 2)}\n`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScopes(value: unknown): value is Scope[] {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length) return false;
  return value.every((scope) => SCOPES.some((known) => known === scope));
}
