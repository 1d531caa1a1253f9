import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'csv-stringify/sync';
import { readCsvRows } from './read-csv-rows';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function readText(text: string): Promise<{ line: number; cells: readonly string[] }[]> {
  const file = join(folder, 'rows.csv');
  await writeFile(file, text);
  const rows: { line: number; cells: readonly string[] }[] = [];
  for await (const { line, cells } of readCsvRows(file, new AbortController().signal)) {
    rows.push({ line, cells });
  }
  return rows;
}

describe('readCsvRows', () => {
  it.each([
    { text: '', lines: [], why: 'an empty file has no rows' },
    { text: '\n\r\n\n', lines: [], why: 'empty lines are no rows' },
    { text: 'a\nb', lines: [1, 2], why: 'the last line needs no end' },
    { text: '\n\na\n\r\nb\rc', lines: [3, 5, 6], why: 'empty lines count, ends of lines may differ' },
    { text: '"a\r\nb\nc",1\r\nd', lines: [1, 4], why: 'lines inside quotes count once' },
    { text: '\uFEFFa\n\n"b"\n', lines: [1, 3], why: 'a byte order mark is no cell' },
  ])('numbers rows $lines: $why', async ({ text, lines }) => {
    expect((await readText(text)).map(({ line }) => line)).toEqual(lines);
  });

  it('gives back any cells, at the lines they were written to', async () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('', ' ', ',', '"', '\r\n', '\n', '\r', 'a\r\nb', 'é€😀', "'"),
    );
    const table = fc.array(fc.tuple(fc.array(cell, { minLength: 1, maxLength: 4 }), fc.nat(2)), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, lineEnd) => {
        let text = '';
        const expected = rows.map(([cells, emptyLines]) => {
          text += lineEnd.repeat(emptyLines);
          const line = 1 + (text.match(/\r\n|\n|\r/g)?.length ?? 0);
          text += stringify([cells], { quoted: true, quoted_empty: true, record_delimiter: lineEnd });
          return { line, cells };
        });
        expect(await readText(text)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('reports how many bytes were read', async () => {
    const file = join(folder, 'bytes.csv');
    await writeFile(file, 'é,1\n"b",2\n');
    const ends: number[] = [];
    for await (const row of readCsvRows(file, new AbortController().signal)) ends.push(row.endByte);
    expect(ends).toEqual([5, 11]);
  });
});
