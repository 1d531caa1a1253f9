import { crc32 } from 'node:zlib';
import { ENTRY_BYTES } from './key-table';
import { decodeRecordId, encodeRecordId, RECORD_ID_BYTES } from './record-id-bytes';

/** Says that the keys of a span of the log are in the index files up to here. */
export interface CheckpointBlock {
  /** The span begins behind this id: `through` of the block before, or the time from which on the log was read. */
  readonly after: string;
  /** Id of the last record of the span. */
  readonly through: string;
}

/** A block that was read, with where the next one begins. */
export interface ReadBlock extends CheckpointBlock {
  /** Entries as `KeyTable` holds them; some may be of records behind `through`. */
  readonly entries: Buffer;
  readonly end: number;
}

/** Eight bytes that begin a block; another layout gets another number. */
const MAGIC = Buffer.from('keys/1\r\n', 'latin1');

const COUNT_AT = MAGIC.length;
const AFTER_AT = COUNT_AT + 4;
const THROUGH_AT = AFTER_AT + RECORD_ID_BYTES;
const ENTRIES_AT = THROUGH_AT + RECORD_ID_BYTES;
const CHECKSUM_BYTES = 4;

/** The block as bytes: head, entries, and the CRC-32 of both. */
export function encodeCheckpointBlock(block: CheckpointBlock, entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(ENTRIES_AT);
  const length = entries.reduce((sum, part) => sum + part.length, 0);
  MAGIC.copy(head);
  head.writeUInt32LE(length / ENTRY_BYTES, COUNT_AT);
  encodeRecordId(block.after).copy(head, AFTER_AT);
  encodeRecordId(block.through).copy(head, THROUGH_AT);
  const bytes = Buffer.concat([head, ...entries, Buffer.alloc(CHECKSUM_BYTES)]);
  const checked = bytes.length - CHECKSUM_BYTES;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, checked)), checked);
  return bytes;
}

/** The block that begins at `start`; undefined when it is cut off or damaged. */
export function decodeCheckpointBlock(bytes: Buffer, start: number): ReadBlock | undefined {
  const block = bytes.subarray(start);
  if (block.length < ENTRIES_AT || !block.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const checked = ENTRIES_AT + block.readUInt32LE(COUNT_AT) * ENTRY_BYTES;
  if (block.length < checked + CHECKSUM_BYTES) return undefined;
  if (block.readUInt32LE(checked) !== crc32(block.subarray(0, checked))) return undefined;
  return {
    after: decodeRecordId(block.subarray(AFTER_AT, THROUGH_AT)),
    through: decodeRecordId(block.subarray(THROUGH_AT, ENTRIES_AT)),
    entries: block.subarray(ENTRIES_AT, checked),
    end: start + checked + CHECKSUM_BYTES,
  };
}
