/** Bytes of a record's id. */
export const RECORD_ID_BYTES = 16;

/** The 16 bytes of a record's id; they compare as the ids do. */
export function encodeRecordId(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** The id whose bytes these are, lower case. */
export function decodeRecordId(bytes: Buffer): string {
  const digits = bytes.toString('hex');
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}

/** Milliseconds since the epoch: the time of the record. */
export function readRecordTime(bytes: Buffer): number {
  return bytes.readUIntBE(0, 6);
}
