import { type CsvColumns, readCsvHeader } from '../prediction/csv-applications';
import { type Manifest } from '../scoring/manifest/manifest';
import { CommandError } from './command';
import { type CsvRow } from './read-csv-rows';

/** How the columns of a file stand to the inputs of a model. */
export interface ApplicationColumns {
  readonly readRow: CsvColumns['readRow'];
  readonly count: number;
  /** Columns that no application has, safe to print. */
  readonly ignored: readonly string[];
  /** Inputs that may be missing and have no column: they are missing in every row. */
  readonly absent: readonly string[];
}

/** Longer names are cut before they are printed. */
const LONGEST_COLUMN_NAME = 64;

/** A terminal would obey some of these. */
const CONTROL_CHARACTERS = /\p{Cc}/gu;

/**
 * Reads the header of a file of applications.
 *
 * @param row the file's first row; undefined when it has none
 * @throws {CommandError} when there is no header, a required input has no column, or columns stand twice
 */
export function readHeader(manifest: Manifest, file: string, row: CsvRow | undefined): ApplicationColumns {
  if (row === undefined) {
    throw new CommandError(
      `${file}: the file is empty. Expected CSV with a header: ${listInputs(manifest)}.`,
    );
  }
  const header = row.cells.map((cell) => cell.trim());
  const columns = readCsvHeader(manifest, header);
  const nameOf = (place: number): string => header[place] ?? '';
  const duplicates = columns.duplicate.map(nameOf).filter((name) => name !== '');
  if (duplicates.length > 0) {
    throw new CommandError(
      `${file}: columns stand twice in the header: ${listNames(duplicates)}. Keep one of each.`,
    );
  }
  const withoutColumn = manifest.inputs.filter((input) => !header.includes(input.name));
  const missing = withoutColumn.filter((input) => !input.nullable).map((input) => input.name);
  if (missing.length > 0) {
    throw new CommandError(
      `${file}: the header lacks ${missing.length} required columns: ${missing.join(', ')}. ` +
        (looksSeparatedOtherwise(header)
          ? 'Its cells do not seem to be separated by commas: save it as comma-separated CSV.'
          : 'Add them; names are case-sensitive.'),
    );
  }
  return {
    readRow: columns.readRow,
    count: header.length,
    ignored: columns.unknown.map((place) => printableName(nameOf(place))),
    absent: withoutColumn.map((input) => input.name),
  };
}

function listInputs(manifest: Manifest): string {
  return manifest.inputs.map((input) => input.name).join(', ');
}

function listNames(names: readonly string[]): string {
  return [...new Set(names)].map(printableName).join(', ');
}

function printableName(name: string): string {
  const printable = name.slice(0, LONGEST_COLUMN_NAME).replace(CONTROL_CHARACTERS, '?');
  return printable === '' ? '(without a name)' : printable;
}

function looksSeparatedOtherwise(header: readonly string[]): boolean {
  return header.length === 1 && /[;\t|]/.test(header[0] ?? '');
}
