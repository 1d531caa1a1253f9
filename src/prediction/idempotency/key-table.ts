import { KEY_HASH_BYTES } from '../../logging/hash-idempotency-key';
import { RECORD_ID_BYTES } from './record-id-bytes';

/** A key's hash, then the id of its record. */
export const ENTRY_BYTES = KEY_HASH_BYTES + RECORD_ID_BYTES;

/** 32 KiB: what an hour with a single key takes. */
const ENTRIES_A_PAGE = 1024;

const FIRST_SLOTS = 2048;

/** More, and a look-up would meet long runs of taken slots. */
const MOST_TAKEN = 0.75;

/**
 * Ids of records by the hash of their key: entries in the order they came, in pages outside of V8's heap, and
 * a hash table of their numbers with linear probing.
 *
 * Cost: 38 to 43 bytes a key (32 for the entry, the rest for its slot), look-up and insertion O(1).
 */
export class KeyTable {
  private readonly pages: Buffer[] = [];
  /** Number of the entry plus one; 0 is free. */
  private slots = new Uint32Array(FIRST_SLOTS);
  private count = 0;

  /** Entries, those included whose key got a newer one. */
  get size(): number {
    return this.count;
  }

  /** Bytes of the newest record's id; undefined when the key is not here. A view: do not keep it. */
  find(hash: Buffer): Buffer | undefined {
    const number = this.slots[this.slotOf(hash)] ?? 0;
    return number === 0 ? undefined : this.entry(number - 1).subarray(KEY_HASH_BYTES);
  }

  /** Adds a key with its record; it takes the place of an older one of that key. */
  add(hash: Buffer, id: Buffer): void {
    if (this.count + 1 > this.slots.length * MOST_TAKEN) this.grow();
    if (this.count % ENTRIES_A_PAGE === 0)
      this.pages.push(Buffer.allocUnsafeSlow(ENTRIES_A_PAGE * ENTRY_BYTES));
    const entry = this.entry(this.count);
    hash.copy(entry, 0);
    id.copy(entry, KEY_HASH_BYTES);
    this.count += 1;
    this.slots[this.slotOf(hash)] = this.count;
  }

  /** The entries from a number on, in the order they came, as views. */
  entriesFrom(number: number): Buffer[] {
    const parts: Buffer[] = [];
    for (let from = number; from < this.count;) {
      const start = from % ENTRIES_A_PAGE;
      const end = Math.min(ENTRIES_A_PAGE, start + this.count - from);
      const page = this.pages[Math.floor(from / ENTRIES_A_PAGE)];
      if (page !== undefined) parts.push(page.subarray(start * ENTRY_BYTES, end * ENTRY_BYTES));
      from += end - start;
    }
    return parts;
  }

  private entry(number: number): Buffer {
    const start = startOf(number);
    return this.pageOf(number).subarray(start, start + ENTRY_BYTES);
  }

  private pageOf(number: number): Buffer {
    const page = this.pages[Math.floor(number / ENTRIES_A_PAGE)];
    if (page === undefined) throw new RangeError('A key table has no such entry');
    return page;
  }

  /** Asked for every slot that is looked at: nothing is made for it, and other keys nearly always differ early. */
  private isOf(number: number, hash: Buffer, hashStart: number): boolean {
    const page = this.pageOf(number);
    const start = startOf(number);
    return (
      page.readUInt32LE(start) === hashStart &&
      page.compare(hash, 0, KEY_HASH_BYTES, start, start + KEY_HASH_BYTES) === 0
    );
  }

  /** Where the key is, or would be. */
  private slotOf(hash: Buffer): number {
    const mask = this.slots.length - 1;
    // The hash is uniform already.
    const hashStart = hash.readUInt32LE(0);
    for (let slot = hashStart & mask; ; slot = (slot + 1) & mask) {
      const number = this.slots[slot] ?? 0;
      if (number === 0 || this.isOf(number - 1, hash, hashStart)) return slot;
    }
  }

  private grow(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let number = 0; number < this.count; number += 1) {
      this.slots[this.slotOf(this.entry(number))] = number + 1;
    }
  }
}

/** Where in its page an entry begins. */
function startOf(number: number): number {
  return (number % ENTRIES_A_PAGE) * ENTRY_BYTES;
}
