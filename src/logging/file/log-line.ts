import { crc32 } from 'node:zlib';
import { isRecordId } from '../issue-record-id';
import { type LogRecord } from '../prediction-record';

/** Every line starts so: the id is its first member. */
export const LINE_START = '{"id":"';

const CHECKSUM_MEMBER = ',"checksum":"';
const CHECKSUM_DIGITS = 8;

/** From `,"checksum":"` to the closing brace. */
const LINE_END_LENGTH = CHECKSUM_MEMBER.length + CHECKSUM_DIGITS + '"}'.length;

const ID_LENGTH = 36;

/** What follows id and time, which have the same length in every line, in the line of an audit record. */
const AUDIT_MEMBER = ',"audit":';
const AUDIT_MEMBER_OFFSET = LINE_START.length + ID_LENGTH + '","at":"2026-01-31T00:00:00.000Z"'.length;
const SHORTEST_LINE = LINE_START.length + ID_LENGTH + LINE_END_LENGTH;

/** `\n`, which JSON never holds inside a text. */
export const NEWLINE = 0x0a;

/**
 * Longest line, in bytes, with its newline. A decision takes about 1 KiB, and the service refuses
 * bodies long before this; a bound lets every reader work with a bounded buffer.
 */
export const LONGEST_LINE = 1024 * 1024;

/**
 * A damaged line is searched for whole records, as a newline that was overwritten glues two of them.
 * A record ends at the first end behind its start; some more are tried, as an end may be damaged.
 */
const ENDS_TRIED = 4;

/** That search checks so many times the line's bytes at most: no content makes it quadratic. */
const CHECKED_PER_BYTE = 8;

/** Part of a buffer: `start` inclusive, `end` exclusive, without newline. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** What the bytes between two newlines turned out to be. */
export interface InspectedLine {
  /** Records whose checksum holds, in order: one for a sound line. */
  readonly records: readonly LineRange[];
  /** True when not all of the bytes belong to such records. */
  readonly damaged: boolean;
}

/**
 * Writes a record as a line: its JSON with the CRC-32 of all the bytes before `,"checksum"` as last
 * member, and a newline.
 *
 * @param json the record, an object with at least one member, as `JSON.stringify` writes it
 * @param target has room for `lineLength(json)` bytes from `offset`
 * @returns the offset behind the newline
 */
export function writeLine(json: string, target: Buffer, offset: number): number {
  // The closing brace is written too, and then overwritten: cheaper than another string.
  const end = offset + target.write(json, offset, 'utf8') - 1;
  const lineEnd = `${checksumEnd(target, offset, end)}\n`;
  return end + target.write(lineEnd, end, 'latin1');
}

/** Bytes that `writeLine` needs at most, without reading the text: a UTF-16 unit takes up to 3 in UTF-8. */
export function lineLengthAtMost(json: string): number {
  return json.length * 3 + LINE_END_LENGTH;
}

/** Bytes that `writeLine` needs. Cost: O(length). */
export function lineLength(json: string): number {
  return Buffer.byteLength(json) + LINE_END_LENGTH;
}

/** Whether these bytes are one whole record with a checksum that holds. */
export function isSoundLine(buffer: Buffer, start: number, end: number): boolean {
  if (end - start < SHORTEST_LINE) return false;
  const checked = end - LINE_END_LENGTH;
  return (
    buffer.toString('latin1', start, start + LINE_START.length) === LINE_START &&
    buffer.toString('latin1', checked, end) === checksumEnd(buffer, start, checked) &&
    isRecordId(idOfLine(buffer, { start, end }))
  );
}

/**
 * Finds the records in the bytes between two newlines: usually one; in a damaged line those that
 * are whole, as the neighbours of an overwritten newline are.
 */
export function inspectLine(buffer: Buffer, start: number, end: number): InspectedLine {
  if (isSoundLine(buffer, start, end)) return { records: [{ start, end }], damaged: false };
  return { records: salvage(buffer, start, end), damaged: true };
}

/** The id of a sound line. */
export function idOfLine(buffer: Buffer, line: LineRange): string {
  const start = line.start + LINE_START.length;
  return buffer.toString('latin1', start, start + ID_LENGTH);
}

/** Whether a sound line holds an audit record; it need not be parsed to know. */
export function isAuditLine(buffer: Buffer, { start, end }: LineRange): boolean {
  const member = start + AUDIT_MEMBER_OFFSET;
  return (
    member + AUDIT_MEMBER.length < end &&
    buffer.toString('latin1', member, member + AUDIT_MEMBER.length) === AUDIT_MEMBER
  );
}

/** The record of a sound line; its checksum is left out. */
export function recordOfLine(buffer: Buffer, line: LineRange): LogRecord {
  return JSON.parse(`${buffer.toString('utf8', line.start, line.end - LINE_END_LENGTH)}}`) as LogRecord;
}

function salvage(buffer: Buffer, start: number, end: number): LineRange[] {
  const part = buffer.subarray(start, end);
  const ends = positionsOf(part, CHECKSUM_MEMBER).map((member) => member + LINE_END_LENGTH);
  const records: LineRange[] = [];
  let bytesLeftToCheck = part.length * CHECKED_PER_BYTE;
  let taken = 0;
  let nextEnd = 0;
  for (const from of positionsOf(part, LINE_START)) {
    if (from < taken) continue;
    while ((ends[nextEnd] ?? Infinity) <= from) nextEnd += 1;
    for (const to of ends.slice(nextEnd, nextEnd + ENDS_TRIED)) {
      bytesLeftToCheck -= to - from;
      if (bytesLeftToCheck < 0) return records;
      if (to > part.length || !isSoundLine(part, from, to)) continue;
      records.push({ start: start + from, end: start + to });
      taken = to;
      break;
    }
  }
  return records;
}

function positionsOf(bytes: Buffer, text: string): number[] {
  const positions: number[] = [];
  for (let at = bytes.indexOf(text, 0, 'latin1'); at !== -1; at = bytes.indexOf(text, at + 1, 'latin1')) {
    positions.push(at);
  }
  return positions;
}

function checksumEnd(buffer: Buffer, start: number, end: number): string {
  const digits = crc32(buffer.subarray(start, end)).toString(16).padStart(CHECKSUM_DIGITS, '0');
  return `${CHECKSUM_MEMBER}${digits}"}`;
}
