import { type VitalsPoint } from '../../vitals/vitals';
import { type Reader } from '../reader';
import { type ChartSpec, type ChartView, textCell, timeCell } from '../view-parts';

const MINUTE_MS = 60_000;
const MEGABYTE = 1_000_000;

/**
 * Charts of this process: processor, memory, event-loop delay.
 *
 * @param vitals one point a minute, oldest first; none right after the start gives no charts
 */
export function describeProcess(vitals: readonly VitalsPoint[], reader: Reader, csv: string): ChartView[] {
  const last = vitals.at(-1);
  if (!last) return [];
  const { formats } = reader;
  const words = reader.texts.overview.process;
  const units = reader.texts.overview.charts;
  const chart = (
    id: string,
    title: string,
    note: (now: string) => string,
    y: ChartSpec['y'],
    value: (point: VitalsPoint) => number,
    format: (value: number) => string,
  ): ChartView => ({
    id,
    title,
    note: note(format(value(last))),
    spec: {
      kind: 'line',
      stacked: false,
      x: { kind: 'time', stepMs: MINUTE_MS, title: null },
      y,
      labels: vitals.map((point) => point.atMs),
      series: [{ label: title, colour: 'main', dashed: false, values: vitals.map(value) }],
      lines: [],
    },
    table: {
      caption: title,
      columns: [
        { label: reader.texts.overview.time, numeric: false },
        { label: title, numeric: true },
      ],
      rows: vitals
        .toReversed()
        .map((point) => [timeCell(formats.time(point.atMs)), textCell(format(value(point)))]),
      csv,
      empty: words.empty,
    },
  });
  return [
    chart(
      'cpu',
      words.cpu,
      words.cpuNote,
      { title: units.share, format: 'percent', atLeast: 0.5 },
      (point) => point.cpuShare,
      (value) => formats.share(value),
    ),
    chart(
      'memory',
      words.memory,
      words.memoryNote,
      { title: units.megabytes, format: 'number', atLeast: null },
      (point) => point.residentBytes / MEGABYTE,
      (value) => formats.megabytes(value * MEGABYTE),
    ),
    chart(
      'delay',
      words.delay,
      words.delayNote,
      { title: units.milliseconds, format: 'number', atLeast: 10 },
      (point) => point.eventLoopDelayP99Ms,
      (value) => formats.milliseconds(value),
    ),
  ];
}
