import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CommandError } from './command';
import { explainSystemError } from './explain-system-error';

/** A row of a CSV file. */
export interface CsvRow {
  /** Where it begins, as an editor counts lines: from 1, empty ones too. */
  readonly line: number;
  readonly cells: readonly string[];
  /** How much of the file has been read with it, in bytes. */
  readonly endByte: number;
}

/** A longer row is a quote that nobody closed; it also bounds the memory for one row. */
const LONGEST_ROW_BYTES = 1024 * 1024;

const LINE_BREAK = /\r\n|\n|\r/g;

/**
 * Reads a CSV file row by row, the header too: comma-separated, quoted as RFC 4180 has it, any line ends,
 * with or without a byte order mark. Empty lines are no rows. Rows may be of any length.
 *
 * @throws {CommandError} when the file cannot be read, or a quote in it makes the ends of its rows uncertain
 * @throws {Error} `AbortError` when `signal` is aborted
 */
export async function* readCsvRows(file: string, signal: AbortSignal): AsyncGenerator<CsvRow, void> {
  const lines = new LineCounter();
  const positions: Omit<CsvRow, 'cells'>[] = []; // of rows the parser has made and nobody has taken yet
  const parser = parse({
    bom: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: LONGEST_ROW_BYTES,
    on_record: (cells: string[], { empty_lines, bytes }) => {
      positions.push({ line: lines.pass(cells, empty_lines), endByte: bytes });
      return cells;
    },
  });
  pipeline(createReadStream(file, { signal }), parser, () => undefined); // its error comes out of the parser
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      const position = positions.shift();
      if (position) yield { ...position, cells };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CsvError) {
      throw new CommandError(
        `${file}: the row at line ${lines.lineAfter(parser.info.empty_lines)} has a quote in the middle of a cell, or ` +
          'one that is never closed, so it is not certain where rows end. Expected cells with quotes in them to be ' +
          'quoted as a whole, with each inner quote doubled. Correct the file.',
      );
    }
    throw new CommandError(`${file}: cannot be read: ${explainSystemError(error)}. Check the path.`, {
      cause: error,
    });
  }
}

/** Counts lines as an editor does; the parser's own count takes a CR LF inside quotes for two lines. */
class LineCounter {
  private linesInRows = 0;

  /** Where the row after the last one begins, when so many empty lines have been skipped by then. */
  lineAfter(emptyLines: number): number {
    return this.linesInRows + emptyLines + 1;
  }

  /** Goes past a row, and answers where it began. */
  pass(cells: readonly string[], emptyLines: number): number {
    const line = this.lineAfter(emptyLines);
    this.linesInRows += 1 + countLineBreaks(cells);
    return line;
  }
}

function countLineBreaks(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.match(LINE_BREAK)?.length ?? 0;
  }
  return count;
}
