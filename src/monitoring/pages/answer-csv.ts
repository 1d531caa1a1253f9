import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';

/** What a cell of a CSV file may hold; null is an empty cell. */
export type CsvValue = string | number | boolean | null;

/** A table for other programs: raw numbers, ISO times, names instead of words. */
export interface CsvTable {
  /** Name of the file, without `.csv`: lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Each as long as `columns`. A generator is read as fast as the client takes it. */
  readonly rows: Iterable<readonly CsvValue[]> | AsyncIterable<readonly CsvValue[]>;
}

/** What a spreadsheet takes for a formula when a cell begins with it. */
const FORMULA_START = /^[=+\-@\t\r]/;
const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Sends a table as CSV (RFC 4180, UTF-8) to be saved; text that a spreadsheet would run is made harmless. */
export function answerCsv(table: CsvTable): StreamableFile {
  const text = stringify({
    header: true,
    columns: [...table.columns],
    record_delimiter: 'windows',
    // By itself the library quotes its own delimiter only, and a single line break would break the row.
    quoted_match: /[\r\n]/,
    cast: {
      string: (value) => (FORMULA_START.test(value) && !PLAIN_NUMBER.test(value) ? `'${value}` : value),
      boolean: (value) => String(value),
    },
  });
  const rows = Readable.from(table.rows);
  rows.on('error', (error) => text.destroy(error));
  text.on('close', () => rows.destroy());
  return new StreamableFile(rows.pipe(text), {
    type: 'text/csv; charset=utf-8',
    disposition: `attachment; filename="${table.name}.csv"`,
  });
}
