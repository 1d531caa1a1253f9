import { type Reader } from '../reader';
import { linkCell, type TableView, textCell } from '../view-parts';
import { type ModelCard } from './model-card';

/** Every field of an application, with what is done with it. */
export function describeModelInputs(
  { inputs, protectedInputs }: ModelCard,
  reader: Reader,
  csv: string,
): TableView {
  const { formats } = reader;
  const words = reader.texts.models;
  const text = (label: string): TableView['columns'][number] => ({ label, numeric: false });
  const row = (input: ModelCard['inputs'][number], use: string): TableView['rows'][number] => [
    linkCell(
      input.label ? reader.translate(input.label) : input.name,
      `/monitoring/drift/${encodeURIComponent(input.name)}`,
    ),
    textCell(input.name),
    textCell(words.types[input.type]),
    textCell(
      input.type === 'category'
        ? input.categories.join(', ')
        : words.rangeText(formats.decimal(input.minimum, 6), formats.decimal(input.maximum, 6)),
    ),
    textCell(input.unit ?? '–'),
    textCell(input.nullable ? words.yes : words.no),
    textCell(use),
    textCell(input.description),
  ];
  return {
    caption: words.inputs,
    columns: [
      text(words.input),
      text(words.field),
      text(words.type),
      text(words.range),
      text(words.unit),
      text(words.nullable),
      text(words.use),
      text(words.description),
    ],
    rows: [
      ...inputs.map((input) => row(input, words.scored)),
      ...protectedInputs.map((input) => row(input, words.protected)),
    ],
    csv,
    empty: words.noMetrics,
  };
}
