import { createHash } from 'node:crypto';
import { hashIdempotencyKey } from './hash-idempotency-key';

describe('hashIdempotencyKey', () => {
  it('is the first 16 bytes of the SHA-256 of tenant, caller and key as JSON', () => {
    const expected = createHash('sha256').update('["bank","app","key"]').digest('hex').slice(0, 32);
    expect(hashIdempotencyKey({ tenant: 'bank', caller: 'app', idempotencyKey: 'key' }).toString('hex')).toBe(
      expected,
    );
  });

  it('takes no tenant, as while access control is off, for an empty one', () => {
    const owned = { caller: 'anonymous', idempotencyKey: 'key' };
    expect(hashIdempotencyKey(owned)).toEqual(hashIdempotencyKey({ ...owned, tenant: '' }));
  });

  it.each([
    ['another caller', { tenant: 'bank', caller: 'other', idempotencyKey: 'key' }],
    ['another tenant', { tenant: 'other', caller: 'app', idempotencyKey: 'key' }],
    ['a caller that ends like a key begins', { tenant: 'bank', caller: 'appk', idempotencyKey: 'ey' }],
    ['a caller that holds the border', { tenant: 'bank', caller: 'app","key', idempotencyKey: '' }],
  ])('differs for %s', (_what, owned) => {
    expect(hashIdempotencyKey(owned)).not.toEqual(
      hashIdempotencyKey({ tenant: 'bank', caller: 'app', idempotencyKey: 'key' }),
    );
  });
});
