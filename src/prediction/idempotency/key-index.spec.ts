import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { KEY_KEPT_MS } from '../../logging/hash-idempotency-key';
import { firstIdAt } from '../../logging/issue-record-id';
import { KeyIndex } from './key-index';
import { ENTRY_BYTES, KeyTable } from './key-table';
import { decodeRecordId, encodeRecordId, readRecordTime } from './record-id-bytes';

const NOON = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;

/** Bytes that look as random as a key's hash, from a number. */
function hashOf(number: number): Buffer {
  return createHash('sha256').update(String(number)).digest().subarray(0, 16);
}

function idOf(number: number): Buffer {
  return encodeRecordId(firstIdAt(NOON + number));
}

describe('the bytes of a record id', () => {
  it('read back to the id, and hold its time', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 7 }), (id) => {
        expect(decodeRecordId(encodeRecordId(id))).toBe(id);
      }),
    );
    expect(readRecordTime(idOf(7))).toBe(NOON + 7);
  });
});

describe('KeyTable', () => {
  it('finds the newest record of every key, and no other, beyond several pages and growths', () => {
    const table = new KeyTable();
    for (let number = 0; number < 10_000; number += 1) table.add(hashOf(number), idOf(number));
    for (let number = 0; number < 10_000; number += 3) table.add(hashOf(number), idOf(number + 1_000_000));

    const wrong = Array.from({ length: 10_000 }, (_, number) => number).filter((number) => {
      const expected = idOf(number % 3 === 0 ? number + 1_000_000 : number);
      return table.find(hashOf(number))?.equals(expected) !== true;
    });
    expect(wrong).toEqual([]);
    expect(Array.from({ length: 1000 }, (_, number) => table.find(hashOf(-1 - number)))).toEqual(
      new Array<undefined>(1000).fill(undefined),
    );
  });

  it('tells keys apart whose slots are the same', () => {
    const table = new KeyTable();
    const alike = [1, 2, 3].map((last) => Buffer.concat([Buffer.alloc(15), Buffer.from([last])]));
    alike.forEach((hash, number) => {
      table.add(hash, idOf(number));
    });
    expect(alike.map((hash) => table.find(hash))).toEqual([idOf(0), idOf(1), idOf(2)]);
    expect(table.find(Buffer.alloc(16))).toBeUndefined();
  });

  it.each([0, 1, 1023, 1024, 1025, 2500, 3000])('hands out the entries from number %d on', (from) => {
    const table = new KeyTable();
    for (let number = 0; number < 3000; number += 1) table.add(hashOf(number), idOf(number));
    const entries = Buffer.concat(table.entriesFrom(from));
    expect(entries.length).toBe((3000 - from) * ENTRY_BYTES);
    if (from < 3000) expect(entries.subarray(0, 16)).toEqual(hashOf(from));
  });
});

describe('KeyIndex', () => {
  it('keeps a key until 24 hours after its record, to the millisecond', () => {
    const index = new KeyIndex();
    const id = firstIdAt(NOON);
    index.add(hashOf(1), id);
    expect(index.find(hashOf(1), NOON + KEY_KEPT_MS - 1)).toBe(id);
    expect(index.find(hashOf(1), NOON + KEY_KEPT_MS)).toBeUndefined();
  });

  it('drops keys an hour after their time, so that a clock set back by an hour finds them still', () => {
    const index = new KeyIndex();
    index.add(hashOf(1), firstIdAt(NOON));
    index.add(hashOf(2), firstIdAt(NOON + HOUR));
    index.dropOld(NOON + 26 * HOUR - 1);
    expect(index.size).toBe(2);
    expect(index.find(hashOf(1), NOON + 24 * HOUR - 1)).toBe(firstIdAt(NOON));
    index.dropOld(NOON + 26 * HOUR);
    expect(index.size).toBe(1);
    index.dropOld(NOON + 1000 * HOUR);
    expect(index.size).toBe(0);
  });

  it('answers the newest record of a key that was used again after a day', () => {
    const index = new KeyIndex();
    index.add(hashOf(1), firstIdAt(NOON + KEY_KEPT_MS));
    // Out of order too, as while files and log are read.
    index.add(hashOf(1), firstIdAt(NOON));
    expect(index.find(hashOf(1), NOON + KEY_KEPT_MS)).toBe(firstIdAt(NOON + KEY_KEPT_MS));
  });

  it('hands out what is not written yet, once it is marked no more, and what came meanwhile later', () => {
    const index = new KeyIndex();
    index.addWritten(Buffer.concat([hashOf(0), idOf(0)]));
    index.add(hashOf(1), firstIdAt(NOON + 1));
    const first = index.unwritten();
    index.add(hashOf(2), firstIdAt(NOON + 2));
    index.add(hashOf(3), firstIdAt(NOON + HOUR));
    expect(Buffer.concat(first.entries)).toEqual(Buffer.concat([hashOf(1), idOf(1)]));
    first.markWritten();
    expect(Buffer.concat(index.unwritten().entries)).toEqual(
      Buffer.concat([hashOf(2), idOf(2), hashOf(3), idOf(HOUR)]),
    );
  });
});
