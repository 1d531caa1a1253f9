import { KEY_HASH_BYTES, KEY_KEPT_MS } from '../../logging/hash-idempotency-key';
import { ENTRY_BYTES, KeyTable } from './key-table';
import { decodeRecordId, encodeRecordId, readRecordTime } from './record-id-bytes';

const HOUR_MS = 3_600_000;

/** An hour longer than needed, so that a clock that is set back by one finds what was due before. */
export const REMEMBERED_MS = KEY_KEPT_MS + HOUR_MS;

interface HourOfKeys {
  readonly startMs: number;
  readonly table: KeyTable;
  /** So many of its entries are in the index files. */
  written: number;
}

/** Entries that are in no index file yet. */
export interface UnwrittenEntries {
  readonly entries: readonly Buffer[];
  /** Call it when they are: they are not handed out again. */
  readonly markWritten: () => void;
}

/**
 * Which record stands for a key, for the last 24 hours, by the hour of the record: an hour that is over
 * its time is dropped as a whole.
 *
 * Cost: 43 bytes a key at most (see `KeyTable`); a look-up asks up to 26 hours, some ten microseconds among a
 * million keys.
 */
export class KeyIndex {
  /** Oldest first. */
  private readonly hours: HourOfKeys[] = [];

  /** How many keys it holds. */
  get size(): number {
    return this.hours.reduce((sum, { table }) => sum + table.size, 0);
  }

  /** Id of the newest record of a key; undefined when there is none, or when its 24 hours are over. */
  find(hash: Buffer, nowMs: number): string | undefined {
    for (let place = this.hours.length - 1; place >= 0; place -= 1) {
      const id = this.hours[place]?.table.find(hash);
      if (id !== undefined) return nowMs < readRecordTime(id) + KEY_KEPT_MS ? decodeRecordId(id) : undefined;
    }
    return undefined;
  }

  /** Adds a key with the id of its record. */
  add(hash: Buffer, id: string): void {
    this.addEntry(hash, encodeRecordId(id), false);
  }

  /** Adds entries that were read from an index file. */
  addWritten(entries: Buffer): void {
    for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
      const entry = entries.subarray(at, at + ENTRY_BYTES);
      this.addEntry(entry.subarray(0, KEY_HASH_BYTES), entry.subarray(KEY_HASH_BYTES), true);
    }
  }

  /** What was added since the last call whose entries were marked. */
  unwritten(): UnwrittenEntries {
    const seen = this.hours.map((hour) => ({ hour, size: hour.table.size }));
    return {
      entries: seen.flatMap(({ hour }) => hour.table.entriesFrom(hour.written)),
      markWritten: () => {
        for (const { hour, size } of seen) hour.written = size;
      },
    };
  }

  /** Drops the hours in which no key is remembered any more. */
  dropOld(nowMs: number): void {
    const first = this.hours.findIndex(({ startMs }) => nowMs < startMs + HOUR_MS + REMEMBERED_MS);
    this.hours.splice(0, first === -1 ? this.hours.length : first);
  }

  private addEntry(hash: Buffer, id: Buffer, written: boolean): void {
    const hour = this.hourAt(readRecordTime(id));
    hour.table.add(hash, id);
    if (written) hour.written = hour.table.size;
  }

  private hourAt(timeMs: number): HourOfKeys {
    const startMs = timeMs - (timeMs % HOUR_MS);
    let place = this.hours.length;
    while (place > 0 && (this.hours[place - 1]?.startMs ?? 0) > startMs) place -= 1;
    const known = this.hours[place - 1];
    if (known?.startMs === startMs) return known;
    const added = { startMs, table: new KeyTable(), written: 0 };
    this.hours.splice(place, 0, added);
    return added;
  }
}
