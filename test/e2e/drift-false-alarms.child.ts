import { readFileSync } from 'node:fs';
import { buildDriftReport } from '../../src/monitoring/drift/build-drift-report';
import { type UntimedDriftReport } from '../../src/monitoring/drift/drift-report';
import { type BinCounts } from '../../src/monitoring/drift/drift-window';
import { parseBundle } from '../../src/scoring/bundle/parse-bundle';
import { type NumericDistribution } from '../../src/scoring/reference/reference';
import { seededRandom } from '../factories/seeded-random';

/**
 * Makes 1,000 drift reports where nothing has drifted, and prints in how many there was an alarm:
 * `node drift-false-alarms.child.js <model.json>`. A process of its own, because Jest slows such loops down
 * fifteenfold.
 */

const RUNS = 1000;
const INPUTS = Array.from({ length: 20 }, (_, index) => `input${index}`);
const EDGES = Array.from({ length: 9 }, (_, index) => (index + 1) / 10);

/** Every tenth window meets a reference so large that its Kolmogorov–Smirnov p-values are asymptotic, not exact. */
const LARGE_EVERY = 10;
const REFERENCE_ROWS = { small: 400, large: 10_500 } as const;

const WINDOW_ROWS = [200, 500, 1000, 2000, 5000];

/** The defaults of the settings. */
const THRESHOLDS = { psi: { moderate: 0.1, major: 0.25 }, falseDiscoveryRate: 0.05, minimumRows: 200 };

interface Column {
  readonly sorted: Float64Array;
  readonly bins: readonly number[];
}

interface Drawn {
  readonly rows: number;
  readonly inputs: ReadonlyMap<string, Column>;
  readonly probability: Column;
}

const [modelFile = ''] = process.argv.slice(2);
const bundle = parseBundle(modelFile, readFileSync(modelFile, 'utf8'));
const random = seededRandom(20_261_123);

/** Uniform numbers in [0, 1), independent from one input to the next. */
function draw(rows: number): Drawn {
  return {
    rows,
    inputs: new Map(INPUTS.map((name) => [name, drawColumn(rows)])),
    probability: drawColumn(rows),
  };
}

function drawColumn(rows: number): Column {
  const sorted = new Float64Array(rows);
  for (let row = 0; row < rows; row++) sorted[row] = random();
  sorted.sort();
  const bins = new Array<number>(EDGES.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (value > (EDGES[bin] ?? 1)) bin += 1;
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return { sorted, bins };
}

function mapColumns<T>(columns: ReadonlyMap<string, Column>, of: (column: Column) => T): Map<string, T> {
  return new Map([...columns].map(([name, column]) => [name, of(column)]));
}

function compare(reference: Drawn, production: Drawn): UntimedDriftReport {
  const distribution = ({ bins }: Column): NumericDistribution => ({
    edges: EDGES,
    counts: bins,
    missing: 0,
    mean: 0.5,
    standardDeviation: Math.sqrt(1 / 12),
  });
  const counts = ({ bins }: Column): BinCounts => ({ bins, missing: 0, unseen: 0, outOfRange: 0 });
  const values = ({ sorted }: Column): Float64Array => sorted;
  return buildDriftReport({
    window: {
      span: { fromMs: 0, toMs: 86_400_000 },
      rows: production.rows,
      damagedLines: 0,
      inputs: mapColumns(production.inputs, counts),
      probability: counts(production.probability),
      sample: {
        numbers: mapColumns(production.inputs, values),
        probability: production.probability.sorted,
        rows: production.rows,
        seed: 1,
      },
    },
    bundle: {
      ...bundle,
      inputs: INPUTS.map((name) => ({
        name,
        type: 'number',
        nullable: false,
        description: name,
        minimum: 0,
        maximum: 1,
        example: 0.5,
      })),
      protectedInputs: [],
      features: [],
      reference: {
        ...bundle.reference,
        rows: reference.rows,
        inputs: mapColumns(reference.inputs, distribution),
        probability: distribution(reference.probability),
      },
    },
    identity: { name: bundle.name, version: bundle.version, sha256: '' },
    referenceSample: {
      rows: reference.rows,
      numbers: mapColumns(reference.inputs, values),
      probability: reference.probability.sorted,
    },
    thresholds: THRESHOLDS,
    trigger: 'schedule',
    createdAtMs: 0,
  });
}

const alarms = { drifted: 0, significant: 0 };
for (let run = 0; run < RUNS; run++) {
  const reference = draw(REFERENCE_ROWS[run % LARGE_EVERY === 0 ? 'large' : 'small']);
  const { inputs } = compare(reference, draw(WINDOW_ROWS[run % WINDOW_ROWS.length] ?? NaN));
  if (inputs.some(({ verdict }) => verdict === 'drifted')) alarms.drifted += 1;
  if (inputs.some((input) => (input.adjustedPValue ?? 0) <= input.significance)) alarms.significant += 1;
}
process.stdout.write(JSON.stringify({ runs: RUNS, ...alarms }));
