import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readBundle, readHoldoutApplications } from './http/applications';
import { CAN_PIN, LoadGenerator, makeTemporaryFolder, ServerProcess } from './http/bench-process';
import { type Goal, reportGoals } from './http/goal';
import { median } from './http/median';
import { OpenLoop } from './overload/open-loop';

/**
 * What the service does when more is asked of it than it can answer. Requests come at random moments at a fixed
 * rate, whether they are answered or not; latency counts from the moment a request was due. The service has one
 * processor, the load another.
 *
 * One processor cannot send ten times as many single decisions as another one answers, as sending costs more than a
 * tenth of deciding. So the goals are judged by batches of 200 applications as CSV, which take milliseconds each; the
 * table of single decisions goes as far as the load generator does.
 */

// What is compared within a round was measured within half a minute, whatever else the machine did.
const ROUNDS = 5;
const SECONDS = 4;
const REST_MS = 500;
const WARM_UP_SECONDS = 3;
/** Below the service's own limit for one address. */
const CONNECTIONS = 1000;
const BATCH_ROWS = 200;
const BATCH_BODIES = 10;
const BATCH_LOADS = [0.5, 0.8, 1, 1.5, 2, 5, 10];
const SINGLE_LOADS = [0.5, 0.8, 1, 1.5, 2, 3];
/** Of the capacity: what comes after an overload, while recovery is timed. */
const RECOVERY_LOAD = 0.5;
const RECOVERY_WINDOW_MS = 250;
const RECOVERIES = 3;

/** From this load on the service has no time to spare, and efficiency is goodput on a processor of its own. */
const FULL_LOAD = 1;
const LEAST_SHARE_OF_PEAK = 0.9;
const MOST_TIMES_P99 = 2;
const LONGEST_RECOVERY_SECONDS = 5;

/** What is asked, over and over. */
interface Work {
  readonly name: string;
  readonly loads: readonly number[];
  readonly requests: readonly Buffer[];
}

/** One load, one round. */
interface Measured {
  readonly offered: number;
  /** 200 answers a second. */
  readonly goodput: number;
  /** 200 answers for each second of processor time that the service got: what other programs took does not count. */
  readonly efficiency: number;
  readonly p50: number;
  readonly p99: number;
  readonly refused: number;
  readonly unsent: number;
  readonly otherAnswers: number;
}

async function bench(): Promise<void> {
  // The load's processor, as `LoadGenerator` has it; the service is started on the other one.
  if (CAN_PIN) spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)]);
  const dataFolder = join(makeTemporaryFolder(), 'data');
  const server = await ServerProcess.start(
    (port) => ({
      program: process.execPath,
      parameters: ['dist/main.js'],
      environment: { PORT: String(port), DATA_DIR: dataFolder, ROLES: 'api', LOG_LEVEL: 'fatal' },
    }),
    '/health/ready',
  );
  const generator = await LoadGenerator.start();
  await generator.drive({ ...ORDER, port: server.port, limit: { seconds: WARM_UP_SECONDS } });
  await generator.stop();

  const loop = await OpenLoop.open(server.port, CONNECTIONS);
  const goals: Goal[] = [];
  for (const work of [batches(server.port), singles(server.port)]) {
    const capacity = await findCapacity(server, loop, work);
    const rounds: Measured[][] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push(await measureRound(server, loop, work, capacity));
    const rows = work.loads.map((_, index) => summarise(rounds.map((round) => round[index] as Measured)));
    const recoveries: number[] = [];
    for (let trial = 0; trial < RECOVERIES; trial++)
      recoveries.push(await timeRecovery(loop, work, capacity));
    print(work, capacity, rows, recoveries);
    if (work.loads.includes(10)) goals.push(...judge(work, rounds, rows, recoveries));
  }
  loop.close();
  await server.stop();
  reportGoals(goals);
}

const ORDER = { path: '/predict', connections: 64 } as const;

function singles(port: number): Work {
  const requests = readHoldoutApplications().map(({ body }) =>
    format(port, '/predict', 'application/json', body),
  );
  return { name: 'POST /predict, one application', loads: SINGLE_LOADS, requests };
}

function batches(port: number): Work {
  const names = readBundle().inputs.map(({ name }) => name);
  const rows = readHoldoutApplications().map(({ body }) => {
    const application = JSON.parse(body) as Readonly<Record<string, number | string>>;
    return names.map((name) => String(application[name] ?? '')).join(',');
  });
  const requests = Array.from({ length: BATCH_BODIES }, (_, index) => {
    const part = rows.slice(index * BATCH_ROWS, (index + 1) * BATCH_ROWS);
    return format(port, '/predict/batch', 'text/csv', [names.join(','), ...part].join('\n'));
  });
  return { name: `POST /predict/batch, ${BATCH_ROWS} applications as CSV`, loads: BATCH_LOADS, requests };
}

function format(port: number, path: string, mediaType: string, body: string): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: ${mediaType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Requests a second that a processor of its own would answer with 200 when more come than can be. */
async function findCapacity(server: ServerProcess, loop: OpenLoop, work: Work): Promise<number> {
  // Until V8 has compiled what is hot.
  await measure(server, loop, work, 30, WARM_UP_SECONDS);
  for (let rate = 50; ; rate *= 2) {
    const { goodput, efficiency } = await measure(server, loop, work, rate, 2);
    if (goodput < rate / 2) return efficiency;
    await delay(REST_MS);
  }
}

async function measureRound(
  server: ServerProcess,
  loop: OpenLoop,
  work: Work,
  capacity: number,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const load of work.loads) {
    measured.push(await measure(server, loop, work, load * capacity, SECONDS));
    await delay(REST_MS);
  }
  return measured;
}

async function measure(
  server: ServerProcess,
  loop: OpenLoop,
  { requests }: Work,
  offered: number,
  seconds: number,
): Promise<Measured> {
  const before = server.processorTime() ?? NaN;
  const { answered, unsent } = await loop.drive({ rate: offered, seconds, requests });
  const processorSeconds = ((server.processorTime() ?? NaN) - before) / 1e6;
  const latencies = answered.filter(({ status }) => status === 200).map(({ latency }) => latency);
  latencies.sort((left, right) => left - right);
  const refused = answered.filter(({ status }) => status === 503).length;
  return {
    offered,
    goodput: latencies.length / seconds,
    efficiency: latencies.length / processorSeconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    refused: refused / seconds,
    unsent: unsent / seconds,
    otherAnswers: answered.length - latencies.length - refused,
  };
}

/**
 * Seconds from the end of the heaviest load until a quarter of a second passes in which nothing is refused; measured
 * with a load that the service can bear.
 */
async function timeRecovery(loop: OpenLoop, { loads, requests }: Work, capacity: number): Promise<number> {
  const heaviest = capacity * Math.max(...loads);
  await loop.drive({ rate: heaviest, seconds: SECONDS, requests });
  const rate = capacity * RECOVERY_LOAD;
  const seconds = 2 * LONGEST_RECOVERY_SECONDS;
  const began = performance.now();
  const { answered } = await loop.drive({ rate, seconds, requests });
  const windows = Math.floor((performance.now() - began) / RECOVERY_WINDOW_MS);
  for (let window = 0; window < windows; window++) {
    const inWindow = answered.filter(({ due }) => Math.floor(due / RECOVERY_WINDOW_MS) === window);
    if (inWindow.length > 0 && inWindow.every(({ status }) => status === 200)) {
      return (window * RECOVERY_WINDOW_MS) / 1000;
    }
  }
  return Infinity;
}

/** The smallest value that at least this share of the sorted values does not exceed. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

function summarise(rounds: readonly Measured[]): Measured {
  const middle = (quantity: keyof Measured): number => median(rounds.map((round) => round[quantity]));
  return {
    offered: middle('offered'),
    goodput: middle('goodput'),
    efficiency: middle('efficiency'),
    p50: middle('p50'),
    p99: middle('p99'),
    refused: middle('refused'),
    unsent: middle('unsent'),
    otherAnswers: rounds.reduce((sum, { otherAnswers }) => sum + otherAnswers, 0),
  };
}

function print(work: Work, capacity: number, rows: readonly Measured[], recoveries: readonly number[]): void {
  console.log(
    `\n${work.name}; capacity ${capacity.toFixed(0)}/s. Medians of ${ROUNDS} rounds of ${SECONDS} s; ` +
      (CAN_PIN ? 'service on one processor, load on the other.' : 'not pinned: `taskset` is missing.'),
  );
  console.log(
    ['load', 'offered/s', 'goodput/s', 'per CPU s', 'p50 ms', 'p99 ms', 'refused/s', 'not sent/s']
      .map((cell) => cell.padStart(12))
      .join(''),
  );
  rows.forEach((row, index) => {
    const cells = [
      `${work.loads[index] ?? ''}×`,
      row.offered.toFixed(0),
      row.goodput.toFixed(0),
      row.efficiency.toFixed(0),
      row.p50.toFixed(1),
      row.p99.toFixed(1),
      row.refused.toFixed(0),
      row.unsent.toFixed(0),
    ];
    console.log(cells.map((cell) => cell.padStart(12)).join(''));
  });
  const strange = rows.reduce((sum, { otherAnswers }) => sum + otherAnswers, 0);
  if (strange > 0) console.log(`${strange} answers were neither 200 nor 503`);
  console.log(
    `recovery after ${Math.max(...work.loads)}×: ${recoveries.map((time) => `${time} s`).join(', ')}`,
  );
}

/**
 * Ratios within a round, then their median. Goodput is judged for the processor time that the service got, as a busy
 * machine gives it more in one round than in the next; the peak is the load with the best median, as the best of a
 * round would be the luckiest.
 */
function judge(
  work: Work,
  rounds: readonly (readonly Measured[])[],
  rows: readonly Measured[],
  recoveries: readonly number[],
): Goal[] {
  const efficiency = rows.map((row, index) => ((work.loads[index] ?? 0) >= FULL_LOAD ? row.efficiency : 0));
  const peakIndex = efficiency.indexOf(Math.max(...efficiency));
  const ratios = rounds.map((round) => {
    const peak = round[peakIndex] as Measured;
    const heaviest = round.at(-1) as Measured;
    return { goodput: heaviest.efficiency / peak.efficiency, p99: heaviest.p99 / peak.p99 };
  });
  const goodput = median(ratios.map((ratio) => ratio.goodput));
  const p99 = median(ratios.map((ratio) => ratio.p99));
  const recovery = Math.max(...recoveries);
  return [
    {
      promise: `at 10× goodput is at least ${100 * LEAST_SHARE_OF_PEAK} % of its peak`,
      measured: `${(100 * goodput).toFixed(1)} %`,
      met: goodput >= LEAST_SHARE_OF_PEAK,
    },
    {
      promise: `at 10× the p99 of what is accepted is at most ${MOST_TIMES_P99} times that at the peak`,
      measured: `${p99.toFixed(2)} times`,
      met: p99 <= MOST_TIMES_P99,
    },
    {
      promise: `nothing is refused ${LONGEST_RECOVERY_SECONDS} s after an overload, at half the capacity`,
      measured: `${recovery} s`,
      met: recovery <= LONGEST_RECOVERY_SECONDS,
    },
  ];
}

bench().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
