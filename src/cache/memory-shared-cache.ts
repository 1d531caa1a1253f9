import { LRUCache } from 'lru-cache';
import { type SharedCache } from './shared-cache';

/** What an entry takes beside its bytes: its places in maps and lists. */
const ENTRY_BYTES = 200;

/** A few hundred thousand probabilities, in a process that takes a few hundred megabytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Keeps in this process what was used last, up to a number of bytes. */
export class MemorySharedCache implements SharedCache {
  private readonly entries: LRUCache<string, Buffer>;

  /** @param mostBytes of keys, values and what holds them */
  constructor(mostBytes: number = MOST_BYTES) {
    this.entries = new LRUCache({
      maxSize: mostBytes,
      sizeCalculation: (value, key) => ENTRY_BYTES + key.length + value.length,
    });
  }

  get(key: string): Promise<Buffer | undefined> {
    return Promise.resolve(this.entries.get(key));
  }

  set(key: string, value: Buffer, milliseconds: number): Promise<void> {
    this.entries.set(key, value, { ttl: milliseconds });
    return Promise.resolve();
  }
}
