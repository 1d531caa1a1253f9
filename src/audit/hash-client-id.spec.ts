import { hashClientId, isHashOfClientId } from './hash-client-id';

describe('hashClientId', () => {
  it('gives another hash each time, which holds nothing of the client and is its own all the same', () => {
    const [first, second] = [hashClientId('client-0001'), hashClientId('client-0001')];
    expect(first).not.toBe(second);
    expect(first).toMatch(/^client:[\w-]{22}:[\w-]{43}$/);
    for (const subject of [first, second]) {
      expect(isHashOfClientId(subject, 'client-0001')).toBe(true);
      expect(isHashOfClientId(subject, 'client-0002')).toBe(false);
    }
  });

  it.each(['', 'cs_1f6f3b6f', 'client:abc', 'client-0001'])('takes %p for no hash of anybody', (subject) => {
    expect(isHashOfClientId(subject, 'client-0001')).toBe(false);
  });
});
