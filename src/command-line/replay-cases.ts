import { type Manifest } from '../scoring/manifest/manifest';
import { CommandError } from './command';
import { type CsvRow, readCsvRows } from './read-csv-rows';
import { type ApplicationColumns, readHeader } from './read-header';

/** An application to send, and what scikit-learn answered to it. */
export interface ReplayCase {
  readonly application: Readonly<Record<string, unknown>>;
  /** Undefined when the file does not say. */
  readonly probability: number | undefined;
}

const PROBABILITY_COLUMN = 'probability';

/**
 * The first `count` applications of a file, which starts over after its last row. Reads as it goes.
 *
 * @throws {CommandError} when the file cannot be read or has no rows, or a row cannot be understood
 */
export async function* readReplayCases(
  manifest: Manifest,
  file: string,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<ReplayCase, void> {
  let left = count;
  while (left > 0) {
    const before = left;
    for await (const replayCase of readOnce(manifest, file, signal)) {
      yield replayCase;
      left -= 1;
      if (left === 0) return;
    }
    if (left === before) {
      throw new CommandError(`${file}: it has a header and no rows. Expected applications to send.`);
    }
  }
}

async function* readOnce(
  manifest: Manifest,
  file: string,
  signal: AbortSignal,
): AsyncGenerator<ReplayCase, void> {
  const rows = readCsvRows(file, signal);
  const header = (await rows.next()).value ?? undefined;
  const columns = readHeader(manifest, file, header);
  const probabilityColumn = header?.cells.findIndex((name) => name.trim() === PROBABILITY_COLUMN) ?? -1;
  for await (const row of rows) {
    checkLength(file, columns, row);
    const probability =
      probabilityColumn === -1
        ? undefined
        : readProbability(file, row.line, row.cells[probabilityColumn]?.trim());
    yield { application: columns.readRow(row.cells), probability };
  }
}

function checkLength(file: string, columns: ApplicationColumns, { line, cells }: CsvRow): void {
  if (cells.length === columns.count) return;
  throw new CommandError(
    `${file}: line ${line} has ${cells.length} cells, expected ${columns.count} as in the header. Correct the file.`,
  );
}

function readProbability(file: string, line: number, cell: string | undefined): number {
  const probability = cell === undefined || cell === '' ? NaN : Number(cell);
  if (probability >= 0 && probability <= 1) return probability;
  throw new CommandError(
    `${file}: line ${line}: expected a number from 0 to 1 in the column ${PROBABILITY_COLUMN}. Correct the file.`,
  );
}
