import { type FieldProblem } from '../common/http/problem';
import { type InputDefinition, type Manifest } from '../scoring/manifest/manifest';

/** A number as CSV files write it; anything else stays text and is refused as such. */
const NUMBER_PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** From the cells of a row to the body that the same application would have as JSON. */
export type RowReader = (cells: readonly string[]) => Record<string, unknown>;

/** Columns of a file, sorted into those that an application has and others. */
export interface CsvColumns {
  /** Columns no application has, by their place from 0: a file without a header shows its values here. */
  readonly unknown: readonly number[];
  /** Columns that stand twice, by the place of the later one. */
  readonly duplicate: readonly number[];
  readonly readRow: RowReader;
}

/**
 * Reads a CSV header by the manifest: inputs and protected inputs by their names, and `clientId`.
 * An empty cell is an absent field.
 */
export function readCsvHeader(manifest: Manifest, header: readonly string[]): CsvColumns {
  const inputs = new Map(manifest.inputs.map((input) => [input.name, input]));
  const protectedInputs = new Map(manifest.protectedInputs.map((input) => [input.name, input]));
  const isKnown = (name: string): boolean =>
    name === 'clientId' || inputs.has(name) || protectedInputs.has(name);
  const first = new Map<string, number>();
  for (const [place, name] of header.entries()) if (!first.has(name)) first.set(name, place);
  const places = (is: (name: string, place: number) => boolean): number[] =>
    header.flatMap((name, place) => (is(name, place) ? [place] : []));
  return {
    unknown: places((name) => !isKnown(name)),
    duplicate: places((name, place) => first.get(name) !== place),
    readRow: (cells) => {
      const body: Record<string, unknown> = {};
      const attributes: Record<string, unknown> = {};
      header.forEach((name, column) => {
        const cell = cells[column]?.trim() ?? '';
        if (cell === '') return;
        const input = inputs.get(name);
        const attribute = protectedInputs.get(name);
        if (name === 'clientId') body[name] = cell;
        else if (input) body[name] = readCell(input, cell);
        else if (attribute) attributes[name] = readCell(attribute, cell);
      });
      if (Object.keys(attributes).length > 0) body['protected'] = attributes;
      return body;
    },
  };
}

function readCell(input: InputDefinition, cell: string): string | number {
  return input.type !== 'category' && NUMBER_PATTERN.test(cell) ? Number(cell) : cell;
}

/** What is wrong with a row that is shorter or longer than the header. */
export function describeRowLength(expected: number, found: number): FieldProblem {
  const message = `expected ${expected} cells, as many as the header has, found ${found}`;
  return { field: '', code: 'wrong_length', message };
}
