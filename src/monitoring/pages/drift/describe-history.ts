import { type DriftReport } from '../../drift/drift-report';
import { type Reader } from '../reader';
import { badgeCell, type CellView, type ChartSpec, type ChartView, linkCell, textCell } from '../view-parts';
import { addressDriftInput } from './address-drift-input';
import { computeKolmogorovLimit } from './compute-kolmogorov-limit';
import { type DriftPoint } from './drift-data';
import { judgeDrift } from './judge-drift';

/** A series of the history, and how its values are written. */
interface Column {
  readonly label: string;
  readonly colour: 'main' | 'other';
  readonly dashed: boolean;
  readonly value: (point: DriftPoint) => number | null;
}

/** PSI, and the Kolmogorov–Smirnov statistic where there is one, over the runs with what they are measured by. */
export function describeHistory(
  name: string,
  history: readonly DriftPoint[],
  { thresholds }: Pick<DriftReport, 'thresholds'>,
  csv: string,
  reader: Reader,
): readonly ChartView[] {
  const { formats } = reader;
  const words = reader.texts.drift.history;
  const runs = formats.integer(history.length);
  const { moderate, major } = thresholds.psi;
  const line = (value: number, word: string): ChartSpec['lines'][number] => ({
    axis: 'y',
    value,
    label: `${word} ${formats.decimal(value)}`,
  });
  const chart = (
    id: string,
    title: string,
    note: string,
    points: readonly DriftPoint[],
    lines: ChartSpec['lines'],
    columns: readonly Column[],
    rest: {
      readonly axis: string;
      readonly labels: readonly string[];
      readonly cells: (point: DriftPoint) => readonly CellView[];
    },
  ): ChartView => ({
    id,
    title,
    note,
    spec: {
      kind: 'line',
      stacked: false,
      x: { kind: 'time', stepMs: stepOf(points), title: words.end },
      // Room for the label above the highest line.
      y: {
        title: rest.axis,
        format: 'number',
        atLeast: Math.max(0, ...lines.map(({ value }) => value)) * 1.2,
      },
      labels: points.map(({ window }) => Date.parse(window.to)),
      series: columns.map(({ label, colour, dashed, value }) => ({
        label,
        colour,
        dashed,
        values: points.map(value),
      })),
      lines,
    },
    table: {
      caption: title,
      columns: [
        { label: words.end, numeric: false },
        ...[...columns.map(({ label }) => label), ...rest.labels].map((label) => ({ label, numeric: true })),
        { label: words.verdict, numeric: false },
      ],
      rows: points.toReversed().map((point) => [
        linkCell(formats.time(point.window.to).text, addressDriftInput(name, point.id)),
        ...columns.map(({ value }) => textCell(formats.decimal(value(point)))),
        ...rest.cells(point),
        badgeCell({
          level: judgeDrift(point),
          text: reader.texts.drift.verdicts[point.severity ?? point.verdict],
        }),
      ]),
      csv,
      empty: words.empty,
    },
  });

  const tested = history.filter(({ kolmogorovSmirnov }) => kolmogorovSmirnov !== null);
  const reached = Math.max(0, ...history.map(({ psi }) => psi.value));
  return [
    chart(
      'psi-history',
      words.psi,
      words.psiNote(runs, formats.decimal(moderate), formats.decimal(major)),
      history,
      // The major threshold only when the values come near it: it would press them to the floor.
      [
        line(moderate, words.moderate),
        ...(reached > (moderate + major) / 2 ? [line(major, words.major)] : []),
      ],
      [
        { label: words.psi, colour: 'main', dashed: false, value: ({ psi }) => psi.value },
        { label: words.limit, colour: 'other', dashed: true, value: ({ psi }) => psi.critical },
      ],
      { axis: words.psi, labels: [words.rows], cells: ({ rows }) => [textCell(formats.integer(rows))] },
    ),
    ...(tested.length === 0
      ? []
      : [
          chart(
            'ks-history',
            words.ks,
            words.ksNote(formats.integer(tested.length)),
            tested,
            [],
            [
              {
                label: words.ks,
                colour: 'main',
                dashed: false,
                value: ({ kolmogorovSmirnov }) => kolmogorovSmirnov?.statistic ?? null,
              },
              {
                label: words.limit,
                colour: 'other',
                dashed: true,
                value: ({ kolmogorovSmirnov: ks }) =>
                  ks && computeKolmogorovLimit(ks.productionRows, ks.referenceRows),
              },
            ],
            {
              axis: words.ksAxis,
              labels: [words.pValue, words.rows],
              cells: ({ kolmogorovSmirnov: ks }) => [
                textCell(formats.pValue(ks?.pValue ?? null)),
                textCell(formats.integer(ks?.productionRows ?? null)),
              ],
            },
          ),
        ]),
  ];
}

/** Length of the shortest window: what the axis's labels must tell apart. */
function stepOf(points: readonly DriftPoint[]): number {
  return Math.min(...points.map(({ window }) => window.hours)) * 3_600_000;
}
