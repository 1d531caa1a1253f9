/**
 * The forest evaluator against its peers: `npm run bench`, from the root of the repository.
 *
 * Every figure is a median of rounds, every round times all candidates in turn on the same rows, and every ratio is
 * the median of the ratios within a round, so that a machine with other things to do disturbs all alike.
 * Ends with 1 when a probability differs from the oracle's or a goal is missed.
 */
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { type BenchForest } from './forests/bench-forest';
import { growBenchForest } from './forests/grow-bench-forest';
import { makeBenchForests } from './forests/make-bench-forests';
import { readBenchForest } from './forests/read-bench-forest';
import { objectTreeEvaluator, ourEvaluator, walkingEvaluator } from './peers/evaluator-javascript';
import { nestedIfsEvaluator } from './peers/evaluator-nested-ifs';
import { onnxRuntimeEvaluator } from './peers/evaluator-onnxruntime';
import { type EvaluatorPeer } from './peers/evaluator-peer';

const ROUNDS = 15;

type Mode = 'single' | 'batch';

interface Goal {
  readonly mode: Mode;
  /** Start of the names of the peers; the fastest of them counts. */
  readonly peer: string;
  /** The peer's time over ours. */
  readonly atLeast: number;
}

interface Setting {
  readonly name: string;
  readonly title: string;
  /** Rows a round, one by one. */
  readonly singleRows: number;
  readonly goals: readonly Goal[];
  /** For machines without Python. */
  grow(): BenchForest;
}

interface Measured {
  readonly peer: EvaluatorPeer;
  /** Microseconds a row, one entry per round. */
  readonly times: Record<Mode, number[]>;
  differences: number;
}

const SETTINGS: readonly Setting[] = [
  {
    name: 'a',
    title: 'Forest A: 100 trees of depth 10, 23 features',
    singleRows: 2_000,
    goals: [
      { mode: 'single', peer: 'onnxruntime', atLeast: 8 },
      { mode: 'single', peer: 'C, nested ifs', atLeast: 2 },
      { mode: 'batch', peer: 'onnxruntime', atLeast: 2.2 },
    ],
    grow: () => growBenchForest({ trees: 100, depth: 10, rowsInLeaf: 2, missingShare: 0 }),
  },
  {
    name: 'b',
    title: 'Forest B: 300 trees of unlimited depth, 5 rows a leaf, 23 features',
    singleRows: 500,
    goals: [
      { mode: 'single', peer: 'onnxruntime', atLeast: 4 },
      { mode: 'single', peer: 'C, nested ifs', atLeast: 2 },
      { mode: 'batch', peer: 'onnxruntime', atLeast: 3 },
    ],
    grow: () => growBenchForest({ trees: 300, depth: 60, rowsInLeaf: 1, missingShare: 0 }),
  },
  {
    name: 'a-missing',
    title: 'As A, trained and asked with missing values in two columns',
    singleRows: 2_000,
    goals: [],
    grow: () => growBenchForest({ trees: 100, depth: 10, rowsInLeaf: 2, missingShare: 0.1 }),
  },
];

async function main(): Promise<void> {
  const folder = makeBenchForests();
  let failed = false;
  for (const setting of SETTINGS) {
    const forest = folder === undefined ? setting.grow() : readBenchForest(join(folder, setting.name));
    console.log(`${setting.title}; median of ${ROUNDS} rounds, differences from ${forest.oracle}\n`);
    const measured = (await openPeers(forest)).map((peer): Measured => ({
      peer,
      times: { single: [], batch: [] },
      differences: 0,
    }));
    const ours = measured[0] as Measured;
    await warmUp(measured, setting);
    for (let round = 0; round < ROUNDS; round++) {
      await timeRound(measured, round, setting);
    }
    for (const candidate of measured) {
      const probabilities = await candidate.peer.probabilities();
      candidate.differences = forest.expected.filter(
        (value, row) => !Object.is(value, probabilities[row]),
      ).length;
      candidate.peer.close?.();
    }
    printTimes(measured, ours);
    const missed = setting.goals.filter((goal) => !meetsGoal(goal, measured, ours));
    console.log('');
    failed ||= missed.length > 0 || ours.differences > 0;
  }
  const load = loadavg()[0] ?? 0;
  if (load > 1.5) {
    // Programs sharing a core take execution units from ours, which fills them, more than from peers that wait.
    console.log(
      `Busy machine (load ${load.toFixed(1)}, ${availableParallelism()} processors): ratios come out low`,
    );
  }
  const verdict =
    folder === undefined ? 'No difference; goals not measured' : 'No measured goal missed, no difference';
  console.log(failed ? 'FAILED: a goal is missed or a probability differs' : verdict);
  process.exitCode = failed ? 1 : 0;
}

async function openPeers(forest: BenchForest): Promise<EvaluatorPeer[]> {
  const peers = [ourEvaluator(forest), walkingEvaluator(forest), objectTreeEvaluator(forest)];
  if (forest.folder === undefined || forest.folder.endsWith('missing')) {
    return peers;
  }
  const nestedIfs = nestedIfsEvaluator(forest);
  const regressor = await onnxRuntimeEvaluator('regressor', 1, forest);
  const classifier = await onnxRuntimeEvaluator('classifier', 2, forest);
  if (nestedIfs === undefined) {
    console.log(`Left out: C nested ifs. To add them: install gcc, remove ${forest.folder}, run again`);
  }
  if (regressor === undefined) {
    console.log('Left out: onnxruntime. To add it: ONNXRUNTIME_NODE_INSTALL=skip npm ci --prefix test/bench');
  }
  return [...peers, nestedIfs, regressor, classifier].filter((peer) => peer !== undefined);
}

/** Until the just-in-time compiler has settled; of the peers that end with their answers, no answers are asked. */
async function warmUp(measured: readonly Measured[], setting: Setting): Promise<void> {
  for (const { peer } of measured) {
    for (let round = 0; round < 3; round++) {
      await peer.timeSingle(0, setting.singleRows);
      await peer.timeBatch?.();
    }
  }
}

async function timeRound(measured: readonly Measured[], round: number, setting: Setting): Promise<void> {
  for (const { peer, times } of measured) {
    times.single.push(await peer.timeSingle(round * setting.singleRows, setting.singleRows));
  }
  for (const { peer, times } of measured) {
    if (peer.timeBatch !== undefined) {
      times.batch.push(await peer.timeBatch());
    }
  }
}

function printTimes(measured: readonly Measured[], ours: Measured): void {
  const line = (cells: readonly string[]): void => {
    console.log(cells.map((cell, column) => (column === 0 ? cell.padEnd(27) : cell.padStart(14))).join(''));
  };
  line(['', 'single, µs', '× ours', 'batch, µs/row', '× ours', 'differing']);
  for (const candidate of measured) {
    const cells = (['single', 'batch'] as const).flatMap((mode) =>
      candidate.times[mode].length === 0
        ? ['–', '–']
        : [median(candidate.times[mode]).toFixed(2), ratio(mode, candidate, ours).toFixed(2)],
    );
    line([candidate.peer.name, ...cells, `${candidate.differences}`]);
  }
  console.log('');
}

/** Prints the verdict; a goal without its peer is not missed, but said to be not measured. */
function meetsGoal(goal: Goal, measured: readonly Measured[], ours: Measured): boolean {
  const ratios = measured
    .filter(({ peer, times }) => peer.name.startsWith(goal.peer) && times[goal.mode].length > 0)
    .map((candidate) => ratio(goal.mode, candidate, ours));
  const wording = `${goal.mode}: at least ${goal.atLeast} times as fast as ${goal.peer}`;
  if (ratios.length === 0) {
    console.log(`NOT MEASURED  ${wording}`);
    return true;
  }
  const reached = Math.min(...ratios);
  console.log(`${reached >= goal.atLeast ? 'PASS' : 'MISS'}  ${wording}: ${reached.toFixed(2)}`);
  return reached >= goal.atLeast;
}

/** The peer's time over ours: median of the ratios within the rounds. */
function ratio(mode: Mode, candidate: Measured, ours: Measured): number {
  return median(candidate.times[mode].map((time, round) => time / (ours.times[mode][round] ?? NaN)));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
