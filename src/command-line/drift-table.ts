import { type DriftReport, type InputDrift } from '../monitoring/drift/drift-report';
import { formatCount, formatSummary } from './format-figures';

/** How a column is named, and what stands in it. */
type Column = readonly [heading: string, cell: (input: InputDrift) => string];

const ABSENT = '–';

const COLUMNS: readonly Column[] = [
  ['input', ({ name, role }) => (role === 'protected' ? `${name} (protected)` : name)],
  ['verdict', ({ verdict, severity }) => `${formatVerdict(verdict)}${severity ? `, ${severity}` : ''}`],
  ['PSI', ({ psi, productionRows }) => (productionRows > 0 ? psi.value.toFixed(4) : ABSENT)],
  ['threshold', ({ psi }) => String(psi.threshold)],
  ['critical', ({ psi, productionRows }) => (productionRows > 0 ? psi.critical.toFixed(4) : ABSENT)],
  ['KS', ({ kolmogorovSmirnov }) => kolmogorovSmirnov?.statistic.toFixed(4) ?? ABSENT],
  ['p', ({ pValue, productionRows }) => (productionRows > 0 ? formatPValue(pValue) : ABSENT)],
  ['adjusted p', ({ adjustedPValue }) => (adjustedPValue === null ? ABSENT : formatPValue(adjustedPValue))],
  ['n', ({ productionRows }) => formatCount(productionRows)],
  ['missing', ({ missing }) => formatCount(missing)],
  ['unseen', ({ unseen }) => formatCount(unseen)],
];

/** Columns of text, at the left; numbers stand at the right of theirs. */
const TEXT_COLUMNS = 2;

/** A drift report for a terminal: the verdict, what it is about, and a table with the highest rank first. */
export function formatDriftTable(report: DriftReport): string {
  const { window, model, rows, referenceRows, reservoir, damagedLines } = report;
  const summary = formatSummary([
    ['Verdict', describeVerdict(report)],
    ['Window', `${window.from} to ${window.to} (${formatCount(window.hours)} h)`],
    ['Model', `${model.name} ${model.version}, SHA-256 ${model.sha256}`],
    ['Rows', `${formatCount(rows)} decisions, compared with ${formatCount(referenceRows)} reference rows`],
    ...(reservoir
      ? [['Sample', `KS saw ${formatCount(reservoir.rows)} of the rows, chosen at random`] as const]
      : []),
    ...(damagedLines > 0
      ? [['Damaged', `${formatCount(damagedLines)} lines of the log are left out`] as const]
      : []),
  ]);
  return `${summary}\n${formatTable(report.inputs)}`;
}

function describeVerdict({ verdict, inputs, rows, thresholds }: DriftReport): string {
  const drifted = inputs.filter((input) => input.verdict === 'drifted').map(({ name }) => name);
  switch (verdict) {
    case 'drifted':
      return `drifted: ${drifted.join(', ')}`;
    case 'stable':
      return 'stable';
    case 'insufficient_data':
      return rows === 0
        ? 'insufficient data: no decision of this model in the window. DATA_DIR says where the log is, MODEL which model'
        : `insufficient data: fewer than ${formatCount(thresholds.minimumRows)} decisions`;
  }
}

function formatTable(inputs: readonly InputDrift[]): string {
  const lines = [
    COLUMNS.map(([heading]) => heading),
    ...inputs.map((input) => COLUMNS.map(([, cell]) => cell(input))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) =>
          column < TEXT_COLUMNS ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function formatVerdict(verdict: InputDrift['verdict']): string {
  return verdict.replace('_', ' ');
}

/** Four decimals while they tell something, powers of ten below. */
function formatPValue(value: number): string {
  return value >= 0.0001 || value === 0 ? value.toFixed(4) : value.toExponential(1);
}
