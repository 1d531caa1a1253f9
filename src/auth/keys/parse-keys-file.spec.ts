import { AccessError } from '../access-error';
import { type ApiKey } from './api-key';
import { makeApiKey } from './make-api-key';
import { formatKeysFile, KEYS_FORMAT, parseKeysFile } from './parse-keys-file';

const { key } = makeApiKey(
  { name: 'Boutique en ligne', tenant: 'shop', scopes: ['predict'], expiresAt: '2027-01-31T00:00:00.000Z' },
  Date.UTC(2026, 10, 23),
);
const parse = (keys: unknown): readonly ApiKey[] =>
  parseKeysFile('keys.json', JSON.stringify({ format: KEYS_FORMAT, keys }));

describe('parseKeysFile', () => {
  it('reads what formatKeysFile writes', () => {
    const keys = [key, { ...key, prefix: 'aaaaaaaa', tenant: '*', revokedAt: '2026-11-24T10:00:00.000Z' }];
    expect(parseKeysFile('keys.json', formatKeysFile(keys))).toEqual(keys);
  });

  it.each([
    ['keys[0].prefix', { ...key, prefix: 'AAAAAAAA' }],
    ['keys[0].sha256', { ...key, sha256: key.sha256.toUpperCase() }],
    ['keys[0].name', { ...key, name: 'a\nb' }],
    ['keys[0].tenant', { ...key, tenant: '' }],
    ['keys[0].tenant', { ...key, tenant: '**' }],
    ['keys[0].scopes', { ...key, scopes: [] }],
    ['keys[0].scopes', { ...key, scopes: ['predict', 'root'] }],
    ['keys[0].scopes', { ...key, scopes: ['predict', 'predict'] }],
    ['keys[0].scopes', { ...key, scopes: 'predict' }],
    ['keys[0].createdAt', { ...key, createdAt: 'yesterday' }],
    ['keys[0].expiresAt', { ...key, expiresAt: '2027-13-31T00:00:00.000Z' }],
    ['keys[0].expiresAt', { ...key, expiresAt: null }],
    ['keys[0].revokedAt', { ...key, revokedAt: false }],
    // A word that was mistyped by hand would otherwise leave a key valid for ever.
    ['keys[0]', { ...key, expiresat: '2027-01-31T00:00:00.000Z' }],
    ['keys[0]', 'key'],
  ])('refuses a file and names %s', (path, damaged) => {
    expect(() => parse([damaged])).toThrow(AccessError);
    expect(() => parse([damaged])).toThrow(`keys.json: ${path}: expected `);
  });

  it('refuses two keys with one prefix, another format, and what is no JSON', () => {
    expect(() => parse([key, key])).toThrow(
      'keys.json: keys[1].prefix: expected another one than keys[0] has',
    );
    expect(() => parse({})).toThrow('keys.json: keys: expected a list');
    expect(() => parseKeysFile('keys.json', '{"format":"api-keys/2","keys":[]}')).toThrow(
      'format: expected api-keys/1',
    );
    expect(() => parseKeysFile('keys.json', '{"format"')).toThrow(
      'keys.json: expected a complete JSON document',
    );
  });
});
