import { type InputDefinition, type Manifest } from '../scoring/manifest/manifest';

/** A number as CSV files write it; anything else stays text and is refused as such. */
const NUMBER_PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** From the cells of a row to the body that the same application would have as JSON. */
export type RowReader = (cells: readonly string[]) => Record<string, unknown>;

/** Columns of a file, sorted into those that an application has and others. */
export interface CsvColumns {
  /** Columns no application has. */
  readonly unknown: readonly string[];
  /** Columns that stand twice. */
  readonly duplicate: readonly string[];
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
  return {
    unknown: header.filter((name) => !isKnown(name)),
    duplicate: header.filter((name, index) => header.indexOf(name) !== index),
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
