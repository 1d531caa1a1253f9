import { type InputDefinition } from '../../../scoring/manifest/manifest';
import { type InputDrift } from '../../drift/drift-report';
import { type Reader } from '../reader';
import { type CellView, type ChartView, textCell } from '../view-parts';
import { describeBin } from './describe-bin';

/**
 * Production beside reference in the frozen bins, as shares, because their numbers of rows differ.
 *
 * @param csv address of the bins as CSV; null where there is none
 */
export function describeDistribution(
  subject: InputDrift,
  definition: InputDefinition | null,
  csv: string | null,
  reader: Reader,
): ChartView {
  const { formats } = reader;
  const words = reader.texts.drift.distribution;
  const { productionRows, referenceRows } = subject;
  const n = formats.integer(productionRows);
  const m = formats.integer(referenceRows);
  const whole = definition?.type === 'integer';
  const bins = subject.bins.map((bin) => {
    const production = productionRows > 0 ? bin.production / productionRows : null;
    const reference = referenceRows > 0 ? bin.reference / referenceRows : null;
    return { bin, production, reference, label: describeBin(bin, whole, reader) };
  });
  const number = (label: string): { label: string; numeric: boolean } => ({ label, numeric: true });
  const row = ({ bin, production, reference, label }: (typeof bins)[number]): CellView[] => [
    textCell(label),
    textCell(formats.integer(bin.reference)),
    textCell(formats.share(reference)),
    textCell(formats.integer(bin.production)),
    textCell(formats.share(production)),
    textCell(
      production === null || reference === null
        ? formats.integer(null)
        : formats.points(production - reference),
    ),
  ];
  const unit = definition?.unit;
  const binLabel = unit === undefined ? words.bin : words.binIn(unit);
  return {
    id: 'distribution',
    title: words.title,
    note: words.note(n, m),
    spec: {
      kind: 'bar',
      stacked: false,
      x: { kind: 'category', stepMs: null, title: binLabel },
      y: { title: words.share, format: 'percent', atLeast: null },
      labels: bins.map(({ label }) => label),
      series: [
        {
          label: `${words.reference} (n = ${m})`,
          colour: 'other',
          dashed: false,
          values: bins.map(({ reference }) => reference),
        },
        {
          label: `${words.production} (n = ${n})`,
          colour: 'main',
          dashed: false,
          values: bins.map(({ production }) => production),
        },
      ],
      lines: [],
    },
    table: {
      caption: words.title,
      columns: [
        { label: binLabel, numeric: false },
        number(words.reference),
        number(words.referenceShare),
        number(words.production),
        number(words.productionShare),
        number(words.difference),
      ],
      rows: bins.map(row),
      csv,
      empty: words.empty,
    },
  };
}
