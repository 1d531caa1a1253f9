/**
 * The drift statistics against SciPy and Evidently: `npm run bench:statistics`, from the root of the repository.
 *
 * 100,000 reference rows against 1,000,000 production rows of 20 numbers and 5 categories; for every input all of the
 * statistics, sorting included. One process works at a time, in turn, round by round; every ratio is the median of the
 * ratios within a round. Peers are timed without their imports and without reading.
 * Ends with 1 when a statistic differs from SciPy's or the goal is missed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { computeJensenShannonDistance } from '../../src/statistics/compute-jensen-shannon-distance';
import { computePsi } from '../../src/statistics/compute-psi';
import { computeWassersteinDistance } from '../../src/statistics/compute-wasserstein-distance';
import { sortSample } from '../../src/statistics/sort-sample';
import { testChiSquare } from '../../src/statistics/test-chi-square';
import { testKolmogorovSmirnov } from '../../src/statistics/test-kolmogorov-smirnov';
import { median } from './http/median';

const ROUNDS = 3;
const REFERENCE_ROWS = 100_000;
const PRODUCTION_ROWS = 1_000_000;
const NUMBERS = 20;
const CATEGORIES = 5;
const LABELS = 8;

/** Evidently's time over ours. */
const TIMES_AS_FAST = 10;

interface NumericColumn {
  readonly kind: 'number';
  readonly name: string;
  readonly reference: Float64Array;
  readonly production: Float64Array;
}

interface CategoryColumn {
  readonly kind: 'category';
  readonly name: string;
  /** Places in the list of labels. */
  readonly reference: Uint8Array;
  readonly production: Uint8Array;
}

type Column = NumericColumn | CategoryColumn;

/** Statistics by name. */
type Statistics = Readonly<Record<string, number>>;

interface Answer {
  readonly seconds: number;
  readonly version: string;
  /** By column. */
  readonly results: Readonly<Record<string, Statistics>>;
}

interface Peer {
  readonly name: string;
  readonly script: string;
  readonly package: string;
}

const PEERS: readonly Peer[] = [
  { name: 'SciPy', script: 'statistics_scipy.py', package: 'scipy' },
  { name: 'Evidently', script: 'statistics_evidently.py', package: 'evidently' },
];

/** What may separate float64 sums of a million terms, and p-values far out in a tail. */
const LARGEST_DIFFERENCE: Statistics = {
  kolmogorovSmirnov: 1e-9,
  kolmogorovSmirnovPValue: 1e-6,
  wasserstein: 1e-9,
  chiSquare: 1e-9,
  chiSquarePValue: 1e-6,
  psi: 1e-9,
  jensenShannon: 1e-9,
};

function main(): void {
  const python = process.env['BENCH_PYTHON'] ?? 'python3';
  const peers = PEERS.filter((peer) => {
    const found = spawnSync(python, ['-c', `import ${peer.package}`]).status === 0;
    if (!found) {
      console.log(
        `Left out: ${peer.name}: "${python}" lacks it. To add it: ` +
          'pip install -r test/bench/peers/requirements-statistics.txt (BENCH_PYTHON names another Python)',
      );
    }
    return found;
  });
  const columns = makeColumns();
  const folder = mkdtempSync(join(tmpdir(), 'bench-statistics-'));
  try {
    writeColumns(folder, columns);
    compareAll(columns); // until the just-in-time compiler has settled
    const rounds = Array.from({ length: ROUNDS }, () => ({
      ours: compareAll(columns),
      peers: peers.map((peer) => askPeer(python, peer, folder)),
    }));
    const ours = rounds.map((round) => round.ours);
    const others = peers.map((peer, index) => ({
      peer,
      answers: rounds.map((round) => round.peers[index] as Answer),
    }));
    process.exitCode = report(ours, others) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function askPeer(python: string, { name, script }: Peer, folder: string): Answer {
  const { status, stdout } = spawnSync(python, [join('test', 'bench', 'peers', script), folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    throw new Error(`${name} failed: see above`);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer;
}

/** Prints times and differences; true when no goal is missed and nothing differs. */
function report(
  ours: readonly Answer[],
  others: readonly { readonly peer: Peer; readonly answers: readonly Answer[] }[],
): boolean {
  const seconds = (answers: readonly Answer[]): string =>
    median(answers.map((answer) => answer.seconds)).toFixed(2);
  console.log(
    `${REFERENCE_ROWS} reference rows × ${PRODUCTION_ROWS} production rows, ${NUMBERS} numbers and ` +
      `${CATEGORIES} categories; median of ${ROUNDS} rounds\n`,
  );
  console.log(`${''.padEnd(20)}${'seconds'.padStart(9)}${'× ours'.padStart(9)}`);
  console.log(`${'this service'.padEnd(20)}${seconds(ours).padStart(9)}`);
  let passed = true;
  for (const { peer, answers } of others) {
    const ratio = median(answers.map((answer, round) => answer.seconds / (ours[round]?.seconds ?? NaN)));
    const version = answers[0]?.version ?? peer.name;
    console.log(`${version.padEnd(20)}${seconds(answers).padStart(9)}${ratio.toFixed(2).padStart(9)}`);
    if (peer.name === 'Evidently') {
      const reached = ratio >= TIMES_AS_FAST;
      console.log(`${reached ? 'PASS' : 'MISS'}  at least ${TIMES_AS_FAST} times as fast as Evidently`);
      passed &&= reached;
    }
  }
  const oneOfOurs = ours[0] as Answer;
  for (const { peer, answers } of others) {
    console.log(`\nLargest relative difference from ${peer.name}`);
    for (const [statistic, difference] of measureDifferences(oneOfOurs, answers[0] as Answer)) {
      const allowed = LARGEST_DIFFERENCE[statistic] ?? 0;
      const near = difference <= allowed;
      console.log(`${near ? 'PASS' : 'MISS'}  ${statistic.padEnd(26)}${difference.toExponential(1)}`);
      passed &&= near;
    }
  }
  console.log(
    '\nEvidently reports one statistic an input: Wasserstein / standard deviation for numbers, as here, and for\n' +
      'categories Jensen–Shannon to base e, divided by √ln 2 above. Its p-values (on request) are SciPy’s for KS; its\n' +
      'chi-square takes the reference as exact. Its other binned statistics pool production into the bins.',
  );
  const load = loadavg()[0] ?? 0;
  if (load > 1.5) {
    console.log(`Busy machine (load ${load.toFixed(1)}, ${availableParallelism()} processors)`);
  }
  return passed;
}

/** By statistic, over all columns. */
function measureDifferences(ours: Answer, theirs: Answer): Map<string, number> {
  const largest = new Map<string, number>();
  for (const [column, statistics] of Object.entries(theirs.results)) {
    for (const [theirName, theirValue] of Object.entries(statistics)) {
      const inNats = theirName === 'jensenShannonNats';
      const name = inNats ? 'jensenShannon' : theirName;
      const expected = inNats ? theirValue / Math.sqrt(Math.LN2) : theirValue;
      const actual = ours.results[column]?.[name] ?? NaN;
      const difference = actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
      largest.set(name, Math.max(largest.get(name) ?? 0, difference));
    }
  }
  return largest;
}

function compareAll(columns: readonly Column[]): Answer {
  const started = performance.now();
  const results = Object.fromEntries(columns.map((column) => [column.name, compare(column)]));
  return { seconds: (performance.now() - started) / 1_000, version: 'this service', results };
}

function compare(column: Column): Statistics {
  if (column.kind === 'category') {
    return compareCounts(countLabels(column.reference), countLabels(column.production));
  }
  const reference = sortSample(column.reference);
  const production = sortSample(column.production);
  const edges = findDeciles(reference);
  const { statistic, pValue } = testKolmogorovSmirnov(reference, production);
  return {
    kolmogorovSmirnov: statistic,
    kolmogorovSmirnovPValue: pValue,
    wasserstein: computeWassersteinDistance(reference, production) / computeStandardDeviation(reference),
    ...compareCounts(countBins(reference, edges), countBins(production, edges)),
  };
}

function compareCounts(reference: readonly number[], production: readonly number[]): Statistics {
  const { statistic, pValue } = testChiSquare(reference, production);
  return {
    chiSquare: statistic,
    chiSquarePValue: pValue,
    psi: computePsi(reference, production),
    jensenShannon: computeJensenShannonDistance(reference, production),
  };
}

function countLabels(codes: Uint8Array): number[] {
  const counts = new Float64Array(LABELS);
  for (const code of codes) {
    counts[code] = (counts[code] as number) + 1;
  }
  return [...counts];
}

/** Each the smallest value that so many tenths of the rows do not exceed; without repetitions. */
function findDeciles(sorted: Float64Array): number[] {
  const deciles = Array.from({ length: 9 }, (_, index) => {
    const rows = Math.ceil(((index + 1) / 10) * sorted.length);
    return sorted[rows - 1] as number;
  });
  return [...new Set(deciles)];
}

/** Rows in edges[i − 1] < x ≤ edges[i], with ±∞ at the ends. */
function countBins(sorted: Float64Array, edges: readonly number[]): number[] {
  const ends = [...edges.map((edge) => countUpTo(sorted, edge)), sorted.length];
  return ends.map((end, index) => end - (ends[index - 1] ?? 0));
}

function countUpTo(sorted: Float64Array, edge: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= edge) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Of all rows, not of a sample of them: as Evidently norms. */
function computeStandardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Bell-shaped, exponential, whole amounts with ties, and heavy-tailed numbers; from no drift to a plain one. */
function makeColumns(): Column[] {
  const draw = makeGenerator(20_261_123);
  const shapes = [
    () => draw() + draw() + draw() + draw(),
    () => -Math.log(draw()),
    () => Math.floor(5_000 * draw() * draw()),
    () => 1 / Math.sqrt(draw()),
  ];
  const numbers = Array.from({ length: NUMBERS }, (_, index): NumericColumn => {
    const shape = shapes[index % shapes.length] as () => number;
    const stretch = 1 + Math.max(index - 4, 0) ** 2 / 4_000;
    return {
      kind: 'number',
      name: `number${index + 1}`,
      reference: Float64Array.from({ length: REFERENCE_ROWS }, shape),
      production: Float64Array.from({ length: PRODUCTION_ROWS }, () => stretch * shape()),
    };
  });
  const categories = Array.from({ length: CATEGORIES }, (_, index): CategoryColumn => {
    const label = (power: number) => (): number => Math.floor(LABELS * draw() ** power);
    return {
      kind: 'category',
      name: `category${index + 1}`,
      reference: Uint8Array.from({ length: REFERENCE_ROWS }, label(1.5)),
      production: Uint8Array.from({ length: PRODUCTION_ROWS }, label(1.5 + index / 50)),
    };
  });
  return [...numbers, ...categories];
}

/** Uniform in (0, 1): xorshift32 (Marsaglia 2003), the same numbers on every run. */
function makeGenerator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** As `statistics_input.py` reads it: one file a column, reference before production, in the machine's byte order. */
function writeColumns(folder: string, columns: readonly Column[]): void {
  for (const { name, reference, production } of columns) {
    writeFileSync(join(folder, name), reference);
    writeFileSync(join(folder, name), production, { flag: 'a' });
  }
  const layout = {
    referenceRows: REFERENCE_ROWS,
    columns: columns.map(({ name, kind }) => ({ name, kind })),
  };
  writeFileSync(join(folder, 'layout.json'), JSON.stringify(layout));
}

main();
