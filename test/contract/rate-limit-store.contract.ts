import fc from 'fast-check';
import { type RateLimitStore } from '../../src/rate-limit/rate-limit-store';

/** A store whose clock the test turns. */
export interface StoreUnderTest {
  readonly store: RateLimitStore;
  /** Lets time pass. */
  readonly advance: (milliseconds: number) => void | Promise<void>;
}

/**
 * What every rate limit store promises, whatever it is kept in.
 *
 * @param open an empty store with windows of that many seconds
 */
export function describeRateLimitStore(
  name: string,
  open: (windowSeconds: number) => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  describe(`${name}, as a rate limit store`, () => {
    it('grants up to the limit, and says what is left and until when', async () => {
      const { store, advance } = await open(60);
      expect(await store.take('a', 1, 3)).toEqual({ granted: true, remaining: 2, resetSeconds: 60 });
      await advance(20_500);
      expect(await store.take('a', 2, 3)).toEqual({ granted: true, remaining: 0, resetSeconds: 40 });
      expect(await store.take('a', 1, 3)).toEqual({ granted: false, remaining: 0, resetSeconds: 40 });
    });

    it('takes nothing from who asks for more than is left', async () => {
      const { store } = await open(60);
      await store.take('a', 2, 3);
      expect(await store.take('a', 2, 3)).toMatchObject({ granted: false, remaining: 1 });
      expect(await store.take('a', 1, 3)).toMatchObject({ granted: true, remaining: 0 });
    });

    it('counts keys apart', async () => {
      const { store } = await open(60);
      await store.take('a', 3, 3);
      expect(await store.take('b', 1, 3)).toMatchObject({ granted: true, remaining: 2 });
    });

    it.each(['__proto__', 'constructor', '', 'a b'])('counts the key %j like any other', async (key) => {
      const { store } = await open(60);
      expect(await store.take(key, 1, 1)).toMatchObject({ granted: true });
      expect(await store.take(key, 1, 1)).toMatchObject({ granted: false });
    });

    it('begins a window anew with the first request after its end', async () => {
      const { store, advance } = await open(2);
      await store.take('a', 3, 3);
      await advance(1_999);
      expect(await store.take('a', 1, 3)).toMatchObject({ granted: false, resetSeconds: 1 });
      await advance(1);
      expect(await store.take('a', 1, 3)).toEqual({ granted: true, remaining: 2, resetSeconds: 2 });
    });

    it('never grants more than the limit in a window, whatever is asked', async () => {
      const ask = fc.record({
        key: fc.constantFrom('a', 'b'),
        points: fc.integer({ min: 1, max: 7 }),
        waitMs: fc.constantFrom(0, 0, 1, 400, 1_000),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(ask, { maxLength: 40 }), async (asks) => {
          const { store, advance } = await open(1);
          const windows = new Map<string, { endsAt: number; taken: number }>();
          let now = 0;
          for (const { key, points, waitMs } of asks) {
            now += waitMs;
            await advance(waitMs);
            let window = windows.get(key);
            if (window === undefined || window.endsAt <= now) {
              window = { endsAt: now + 1_000, taken: 0 };
              windows.set(key, window);
            }
            const granted = window.taken + points <= 10;
            if (granted) window.taken += points;
            expect(await store.take(key, points, 10)).toMatchObject({
              granted,
              remaining: 10 - window.taken,
            });
          }
        }),
      );
    });
  });
}
