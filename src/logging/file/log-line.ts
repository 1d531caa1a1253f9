import { crc32 } from 'node:zlib';
import { isRecordId } from '../issue-record-id';
import { type PredictionRecord } from '../prediction-record';

/** Every line starts so: the id is its first member. */
export const LINE_START = '{"id":"';

const CHECKSUM_MEMBER = ',"checksum":"';
const CHECKSUM_DIGITS = 8;

/** From `,"checksum":"` to the closing brace. */
const LINE_END_LENGTH = CHECKSUM_MEMBER.length + CHECKSUM_DIGITS + '"}'.length;

const ID_LENGTH = 36;
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
 * For every start this many ends are tried, so that a line full of starts cannot cost quadratic time.
 */
const ENDS_TRIED = 4;

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

/** The record of a sound line; its checksum is left out. */
export function recordOfLine(buffer: Buffer, line: LineRange): PredictionRecord {
  return JSON.parse(
    `${buffer.toString('utf8', line.start, line.end - LINE_END_LENGTH)}}`,
  ) as PredictionRecord;
}

function salvage(buffer: Buffer, start: number, end: number): LineRange[] {
  const part = buffer.subarray(start, end);
  const records: LineRange[] = [];
  let from = part.indexOf(LINE_START, 0, 'latin1');
  while (from !== -1) {
    const found = soundEnd(part, from);
    if (found !== undefined) records.push({ start: start + from, end: start + found });
    from = part.indexOf(LINE_START, found ?? from + 1, 'latin1');
  }
  return records;
}

function soundEnd(part: Buffer, from: number): number | undefined {
  let member = part.indexOf(CHECKSUM_MEMBER, from, 'latin1');
  for (let tried = 0; member !== -1 && tried < ENDS_TRIED; tried += 1) {
    const end = member + LINE_END_LENGTH;
    if (end <= part.length && isSoundLine(part, from, end)) return end;
    member = part.indexOf(CHECKSUM_MEMBER, member + 1, 'latin1');
  }
  return undefined;
}

function checksumEnd(buffer: Buffer, start: number, end: number): string {
  const digits = crc32(buffer.subarray(start, end)).toString(16).padStart(CHECKSUM_DIGITS, '0');
  return `${CHECKSUM_MEMBER}${digits}"}`;
}
