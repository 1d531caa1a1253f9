import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describeRateLimitStore } from '../../test/contract/rate-limit-store.contract';
import { MemoryRateLimitStore } from './memory-rate-limit-store';

describeRateLimitStore('MemoryRateLimitStore', (windowSeconds) => {
  let now = 0;
  return {
    store: new MemoryRateLimitStore(windowSeconds, () => now),
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
});

/** Node shows it only to who asks for it. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('MemoryRateLimitStore', () => {
  it('remembers as many keys as it should, and who keeps asking among any number of others', () => {
    const store = new MemoryRateLimitStore(60, () => 0, 100);
    store.take('patient', 1, 100);
    for (let index = 0; index < 100; index++) store.take(`first ${index}`, 1, 100);
    expect(store.take('patient', 1, 100).remaining).toBe(98);
    for (let index = 0; index < 10_000; index++) {
      store.take(`other ${index}`, 1, 100);
      if (index % 90 === 0) store.take('busy', 1, 1_000);
    }
    expect(store.take('busy', 1, 1_000).remaining).toBe(1_000 - 113);
  });

  it('holds at most 30 MB of two million addresses', () => {
    const store = new MemoryRateLimitStore(60, () => 0);
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 2_000_000; index++) store.take(`10.${index}`, 1, 10);
    collectGarbage();
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(30);
    expect(store.take('10.1999999', 1, 10).remaining).toBe(8);
  });

  it('says no more seconds than a window has, at any fraction of a millisecond', () => {
    // In float64 (5548.1 + 60000) - 5548.1 is a little more than 60000.
    const store = new MemoryRateLimitStore(60, () => 5_548.1);
    expect(store.take('a', 1, 3).resetSeconds).toBe(60);
  });

  it('gives back, but never more than was taken', () => {
    const store = new MemoryRateLimitStore(60, () => 0);
    store.take('a', 2, 3);
    store.giveBack('a', 5);
    store.giveBack('unknown', 1);
    expect(store.take('a', 1, 3).remaining).toBe(2);
  });

  it('goes on from what it learned, until that window ends', () => {
    let now = 0;
    const store = new MemoryRateLimitStore(60, () => now);
    store.learn('a', 2, 500);
    expect(store.take('a', 1, 3)).toEqual({ granted: true, remaining: 0, resetSeconds: 1 });
    expect(store.take('a', 1, 3)).toMatchObject({ granted: false });
    now = 500;
    expect(store.take('a', 1, 3)).toEqual({ granted: true, remaining: 2, resetSeconds: 60 });
  });
});
