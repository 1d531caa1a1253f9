import { describeSharedCache } from '../../test/contract/shared-cache.contract';
import { MemorySharedCache } from './memory-shared-cache';

describeSharedCache('MemorySharedCache', () => new MemorySharedCache());

describe('MemorySharedCache', () => {
  it('drops what was used longest ago when it is full, and takes nothing larger than itself', async () => {
    const cache = new MemorySharedCache(10_000);
    const bytes = Buffer.alloc(800);
    for (let index = 0; index < 9; index++) await cache.set(`k${index}`, bytes, 60_000);
    await cache.get('k0');
    await cache.set('new', bytes, 60_000);
    expect(await cache.get('k0')).toBeDefined();
    expect(await cache.get('k1')).toBeUndefined();
    await cache.set('huge', Buffer.alloc(10_001), 60_000);
    expect(await cache.get('huge')).toBeUndefined();
    expect(await cache.get('new')).toBeDefined();
  });
});
