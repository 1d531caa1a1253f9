import { JOB_ID_PATTERN, JobIds, readJobId } from './job-id';

const NOW = Date.UTC(2026, 2, 14, 12);
const OWNER = { caller: 'desk', tenant: 'bank' };

function idsSignedBy(secret: string): JobIds {
  return new JobIds(secret, () => NOW);
}

describe('JobIds', () => {
  const ids = idsSignedBy('secret');

  it('gives ids whose owner finds when they were given out, and the key of their decision', () => {
    const id = ids.issue(OWNER);
    expect(id).toMatch(JOB_ID_PATTERN);
    const reference = ids.verify(id, OWNER);
    expect(reference).toMatchObject({ issuedAt: NOW, key: OWNER });
    expect(reference?.key.idempotencyKey).toMatch(/^job:[A-Za-z0-9_-]{22}$/);
    expect(readJobId(id, OWNER)).toEqual(reference);
  });

  it('never gives the same name twice, unless two requests are the same', () => {
    const keyOf = (sameAs?: string, owner = OWNER): string | undefined =>
      ids.verify(ids.issue(owner, sameAs), owner)?.key.idempotencyKey;
    expect(keyOf()).not.toBe(keyOf());
    expect(keyOf('the same')).toBe(keyOf('the same'));
    expect(keyOf('the same')).not.toBe(keyOf('another'));
    expect(keyOf('the same')).not.toBe(keyOf('the same', { caller: 'other', tenant: 'bank' }));
  });

  it.each([
    { owner: { caller: 'other', tenant: 'bank' }, why: 'another caller' },
    { owner: { caller: 'desk', tenant: 'other' }, why: 'another tenant' },
    { owner: { caller: 'desk' }, why: 'no tenant' },
  ])('is worth nothing for $why', ({ owner }) => {
    expect(ids.verify(ids.issue(OWNER), owner)).toBeUndefined();
  });

  it('is worth nothing under another secret', () => {
    expect(idsSignedBy('another').verify(ids.issue(OWNER), OWNER)).toBeUndefined();
  });

  it('is worth nothing with any letter changed, the last one included', () => {
    const id = ids.issue(OWNER);
    for (let place = 0; place < id.length; place++) {
      for (const letter of ['A', 'B', 'Q', '_']) {
        if (id[place] === letter) continue;
        const changed = `${id.slice(0, place)}${letter}${id.slice(place + 1)}`;
        expect(ids.verify(changed, OWNER)).toBeUndefined();
      }
    }
  });

  it.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, 'é'.repeat(43)])(
    'has one form: %p is none',
    (text) => {
      expect(ids.verify(text, OWNER)).toBeUndefined();
      expect(readJobId(text, OWNER)).toBeUndefined();
    },
  );
});
