import { crc32 } from 'node:zlib';
import { firstIdAt } from '../issue-record-id';
import { inspectLine, lineLength, lineLengthAtMost, recordOfLine, writeLine } from './log-line';

function lineOf(value: Readonly<Record<string, unknown>>): Buffer {
  const json = JSON.stringify({ id: firstIdAt(1_000), at: '1970-01-01T00:00:01.000Z', ...value });
  const buffer = Buffer.alloc(lineLengthAtMost(json));
  return buffer.subarray(0, writeLine(json, buffer, 0));
}

/** Without its newline. */
function bodyOf(value: Readonly<Record<string, unknown>>): Buffer {
  return lineOf(value).subarray(0, -1);
}

describe('writeLine', () => {
  it('ends the line with the CRC-32 of the bytes before it, as last member', () => {
    const text = lineOf({ caller: 'Zoë 🏦' }).toString();
    const [body, end] = text.split(',"checksum"');

    expect(body).toBe(`{"id":"${firstIdAt(1_000)}","at":"1970-01-01T00:00:01.000Z","caller":"Zoë 🏦"`);
    expect(end).toBe(
      `:"${crc32(body ?? '')
        .toString(16)
        .padStart(8, '0')}"}\n`,
    );
    expect(JSON.parse(text)).toMatchObject({ caller: 'Zoë 🏦' });
  });

  it('writes checksums of eight digits, also small ones', () => {
    for (let tried = 0; tried < 1000; tried += 1) {
      expect(lineOf({ tried }).toString()).toMatch(/,"checksum":"[0-9a-f]{8}"}\n$/);
    }
  });

  it('knows the length of a line beforehand', () => {
    const json = JSON.stringify({ id: firstIdAt(1_000), at: '1970-01-01T00:00:01.000Z', caller: 'Zoë 🏦 €' });

    expect(lineLength(json)).toBe(lineOf({ caller: 'Zoë 🏦 €' }).length);
    expect(lineLengthAtMost(json)).toBeGreaterThanOrEqual(lineLength(json));
  });
});

describe('inspectLine', () => {
  it('takes a line whose checksum holds, and leaves the checksum out of its record', () => {
    const bytes = bodyOf({ n: 1, checksum: 'its own' });
    const { records, damaged } = inspectLine(bytes, 0, bytes.length);

    expect(damaged).toBe(false);
    expect(records.map((line) => recordOfLine(bytes, line))).toEqual([
      { id: firstIdAt(1_000), at: '1970-01-01T00:00:01.000Z', n: 1, checksum: 'its own' },
    ]);
  });

  it.each([1, 0x20, 0xff])('refuses a line of which any byte is changed by %d', (mask) => {
    const sound = bodyOf({ n: 1 });
    for (let at = 0; at < sound.length; at += 1) {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ mask;
      expect(inspectLine(bytes, 0, bytes.length)).toEqual({ records: [], damaged: true });
    }
  });

  it('refuses a line whose checksum holds but whose id is none', () => {
    const json = '{"id":"yesterday","at":"1970-01-01T00:00:01.000Z","n":"as long as the shortest line"}';
    const bytes = Buffer.alloc(lineLengthAtMost(json));
    const end = writeLine(json, bytes, 0) - 1;

    expect(inspectLine(bytes, 0, end)).toEqual({ records: [], damaged: true });
  });

  it.each([
    { what: 'two lines glued by an overwritten newline', before: '', between: '\x0b', behind: '' },
    { what: 'two lines without anything between', before: '', between: '', behind: '' },
    { what: 'lines among zeros', before: '\0\0\0', between: '\0'.repeat(100), behind: '\0' },
    { what: 'lines after halves of others', before: '{"id":"0', between: '{"id":"', behind: ',"checksum":"' },
  ])('finds the whole records in $what', ({ before, between, behind }) => {
    const [first, second] = [bodyOf({ n: 1 }), bodyOf({ n: 2 })];
    const bytes = Buffer.concat([
      Buffer.from(before),
      first,
      Buffer.from(between),
      second,
      Buffer.from(behind),
    ]);
    const { records, damaged } = inspectLine(bytes, 0, bytes.length);

    expect(damaged).toBe(true);
    expect(records.map((line) => recordOfLine(bytes, line))).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  it('takes no quadratic time for a line full of beginnings and ends', () => {
    const bytes = Buffer.from('{"id":"'.repeat(70_000) + ',"checksum":"'.repeat(35_000));
    const began = performance.now();

    expect(inspectLine(bytes, 0, bytes.length).records).toEqual([]);
    // Quadratic, it would take hours.
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
