import { setTimeout as sleep } from 'node:timers/promises';
import { type SharedCache } from '../../src/cache/shared-cache';

const MINUTE = 60_000;

/**
 * What every shared cache promises, as long as it has room.
 *
 * @param open an empty one
 */
export function describeSharedCache(name: string, open: () => SharedCache | Promise<SharedCache>): void {
  describe(`${name}, as a shared cache`, () => {
    it('gives back the very bytes, and the newest of a key', async () => {
      const cache = await open();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
      await cache.set('key', bytes, MINUTE);
      expect(await cache.get('key')).toEqual(bytes);
      await cache.set('key', Buffer.alloc(0), MINUTE);
      expect(await cache.get('key')).toEqual(Buffer.alloc(0));
    });

    it.each(['__proto__', 'constructor', 'a b', 'é\r\n'])('keeps %j apart from other keys', async (key) => {
      const cache = await open();
      expect(await cache.get(key)).toBeUndefined();
      await cache.set(key, Buffer.from('value'), MINUTE);
      expect(await cache.get(key)).toEqual(Buffer.from('value'));
      expect(await cache.get(`${key}2`)).toBeUndefined();
    });

    it('forgets what is over its time', async () => {
      const cache = await open();
      await cache.set('brief', Buffer.from('value'), 50);
      await cache.set('long', Buffer.from('value'), MINUTE);
      await sleep(150);
      expect(await cache.get('brief')).toBeUndefined();
      expect(await cache.get('long')).toBeDefined();
    });
  });
}
