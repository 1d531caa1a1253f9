import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE_FOLDER, type HoldoutApplication, readHoldoutApplications } from './http/applications';
import {
  CAN_PIN,
  type Command,
  LoadGenerator,
  makeTemporaryFolder,
  ServerProcess,
} from './http/bench-process';
import { type Goal, reportGoals } from './http/goal';
import { type LoadResult } from './http/load';
import { median } from './http/median';

/**
 * `POST /predict` over loopback beside the least that Node can do, the way Nest's documentation goes, and
 * FastAPI with scikit-learn. Servers share one processor and the load generator has the other; candidates
 * take turns, and ratios are medians of the ratios within a turn, so that a busy machine hits all alike.
 */

const CONNECTIONS = 64;
const TURNS = 7;
const TURN_SECONDS = 1;
/** Until V8 has compiled what is hot. */
const WARM_UP_SECONDS = 2;
const LATENCY_TURNS = 5;
const LATENCY_SECONDS = 0.3;
/** Answers compared with scikit-learn's, bit for bit, before anything is measured. */
const CHECKED_ROWS = 200;

const LEAST_SHARE_OF_BARE = 0.45;
const LEAST_TIMES_FASTAPI = 70;
const MOST_P99_TIMES_BARE = 20 / 6;

const PYTHON = process.env['BENCH_PYTHON'] ?? 'python3';
const PYTHON_PACKAGES = 'test/bench/peers/requirements-http.txt';

const BARE = 'bare node:http, checks and keeps nothing';
const SERVICE = 'the service, LOG_FSYNC=never';
const SERVICE_FSYNC = 'the service, LOG_FSYNC=always';
const FASTAPI = 'FastAPI, pydantic, scikit-learn, same forest';

/** Something to measure. */
interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly server: ServerProcess;
  /** Whether it answers with the model's probability. */
  readonly scores: boolean;
  /** Its prediction log, when it keeps one. */
  readonly logFolder?: string;
  /** 200 answers so far. */
  succeeded: number;
  readonly turns: Measured[];
  readonly alone: LoadResult[];
}

/** One turn: what came of the load, and the processor time a request took, microseconds. */
interface Measured extends LoadResult {
  readonly processorTime: number | undefined;
}

async function bench(): Promise<void> {
  const generator = await LoadGenerator.start();
  const candidates = await startCandidates(makeTemporaryFolder());
  const applications = spread(readHoldoutApplications(), CHECKED_ROWS);
  for (const candidate of candidates) await checkAnswers(candidate, applications);
  for (const candidate of candidates) await drive(generator, candidate, CONNECTIONS, WARM_UP_SECONDS);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const candidate of rotate(candidates, turn)) {
      candidate.turns.push(await drive(generator, candidate, CONNECTIONS, TURN_SECONDS));
    }
  }
  for (let turn = 0; turn < LATENCY_TURNS; turn++) {
    for (const candidate of rotate(candidates, turn)) {
      candidate.alone.push(await drive(generator, candidate, 1, LATENCY_SECONDS));
    }
  }
  await generator.stop();
  for (const { server } of candidates) await server.stop();

  print(candidates);
  reportGoals([...judge(candidates), ...(await judgeRecords(candidates))]);
}

async function startCandidates(folder: string): Promise<Candidate[]> {
  const service = (name: string, fsync: string): Promise<Candidate> => {
    const dataFolder = join(folder, fsync);
    const environment = { HOST: '127.0.0.1', LOG_FSYNC: fsync, LOG_LEVEL: 'warn', DATA_DIR: dataFolder };
    return startNode(name, 'dist/main.js', '/health/ready', environment, join(dataFolder, 'logs'));
  };
  const candidates = [
    await startNode(BARE, 'build/test/bench/peers/http-bare.js', '/ready'),
    await service(SERVICE, 'never'),
    await service(SERVICE_FSYNC, 'always'),
    await startNode(
      'Nest as documented: express.json, ValidationPipe; no model, no log',
      'build/test/bench/peers/http-default-nest.js',
      '/ready',
    ),
  ];
  const missing = spawnSync(PYTHON, ['-c', 'import fastapi, pydantic, uvicorn, uvloop, httptools, sklearn']);
  if (missing.status !== 0) {
    console.log(
      `Left out: FastAPI, as ${PYTHON} lacks its packages. python3 -m venv VENV && VENV/bin/pip install ` +
        `-r ${PYTHON_PACKAGES}, then set BENCH_PYTHON=VENV/bin/python.`,
    );
    return candidates;
  }
  const server = await ServerProcess.start(
    (port) => ({
      program: PYTHON,
      parameters: ['test/bench/peers/http_fastapi.py', BUNDLE_FOLDER, String(port)],
      environment: { OMP_NUM_THREADS: '1' },
    }),
    '/ready',
  );
  return [
    ...candidates,
    createCandidate(FASTAPI, server, '/predict', true),
    createCandidate('FastAPI, pydantic; no model', server, '/validate', false),
  ];
}

async function startNode(
  name: string,
  script: string,
  readyPath: string,
  environment: Readonly<Record<string, string>> = {},
  logFolder?: string,
): Promise<Candidate> {
  const commandFor = (port: number): Command => ({
    program: process.execPath,
    parameters: [script],
    environment: { ...environment, PORT: String(port) },
  });
  const server = await ServerProcess.start(commandFor, readyPath);
  return createCandidate(name, server, '/predict', logFolder !== undefined, logFolder);
}

function createCandidate(
  name: string,
  server: ServerProcess,
  path: string,
  scores: boolean,
  logFolder?: string,
): Candidate {
  return {
    name,
    path,
    server,
    scores,
    ...(logFolder !== undefined && { logFolder }),
    succeeded: 0,
    turns: [],
    alone: [],
  };
}

/** Every candidate does the work it stands for: 200, and the same probability where there is one. */
async function checkAnswers(
  candidate: Candidate,
  applications: readonly HoldoutApplication[],
): Promise<void> {
  for (const { body, probability } of applications) {
    const response = await fetch(`http://127.0.0.1:${candidate.server.port}${candidate.path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    const answer = (await response.json()) as { probability?: unknown };
    if (response.status !== 200) throw new Error(`${candidate.name}: ${response.status} to ${body}`);
    if (candidate.scores && answer.probability !== probability) {
      throw new Error(
        `${candidate.name}: ${String(answer.probability)}, not scikit-learn's ${probability}, to ${body}`,
      );
    }
    candidate.succeeded += 1;
  }
}

async function drive(
  generator: LoadGenerator,
  candidate: Candidate,
  connections: number,
  seconds: number,
): Promise<Measured> {
  const { server, path } = candidate;
  const before = server.processorTime();
  const result = await generator.drive({ port: server.port, path, connections, limit: { seconds } });
  const after = server.processorTime();
  if (result.succeeded !== result.requests) {
    throw new Error(`${candidate.name}: ${result.requests - result.succeeded} answers were not 200`);
  }
  candidate.succeeded += result.succeeded;
  const known = before !== undefined && after !== undefined;
  return { ...result, processorTime: known ? (after - before) / result.requests : undefined };
}

function print(candidates: readonly Candidate[]): void {
  console.log(
    `POST /predict, ${readHoldoutApplications().length} different applications, ${CONNECTIONS} connections, ` +
      `${TURNS} turns of ${TURN_SECONDS} s, medians. ` +
      (CAN_PIN
        ? 'Servers on one processor, load on another.'
        : 'Servers and load share all processors: `taskset` is missing, so ratios are rough.'),
  );
  console.log(
    "% of bare and × FastAPI: medians of the ratios within a turn. CPU: the server's processor time a request, " +
      'which other programs on the machine hardly change.\n',
  );
  const fastapi = candidates.find(({ name }) => name === FASTAPI);
  const bare = find(candidates, BARE);
  const header = ['requests/s', '% of bare', '× FastAPI', 'p50 ms', 'p99 ms', 'CPU µs', 'alone p50 µs'];
  printRow('', header);
  for (const candidate of candidates) {
    const { turns, alone } = candidate;
    printRow(candidate.name, [
      round(median(turns.map(throughput)), 0),
      round(100 * ratio(candidate, bare, throughput), 0),
      fastapi ? round(ratio(candidate, fastapi, throughput), 1) : 'not run',
      round(median(turns.map(({ p50 }) => p50)), 1),
      round(median(turns.map(({ p99 }) => p99)), 1),
      round(median(turns.map(({ processorTime }) => processorTime ?? NaN)), 0),
      round(1000 * median(alone.map(({ p50 }) => p50)), 0),
    ]);
  }
  const busy = median(bare.turns.map((turn) => turn.busy));
  console.log(
    `\nThe load generator was busy ${round(100 * busy, 0)} % of the time while it drove bare node:http.`,
  );
}

function judge(candidates: readonly Candidate[]): Goal[] {
  const bare = find(candidates, BARE);
  const service = find(candidates, SERVICE);
  const fastapi = candidates.find(({ name }) => name === FASTAPI);
  const share = ratio(service, bare, throughput);
  const tail = ratio(service, bare, ({ p99 }) => p99);
  const goals = [
    {
      promise: `at least ${100 * LEAST_SHARE_OF_BARE} % of bare node:http's throughput`,
      measured: `${round(100 * share, 1)} %`,
      met: share >= LEAST_SHARE_OF_BARE,
    },
    {
      promise: `p99 at most ${round(MOST_P99_TIMES_BARE, 2)} times bare node:http's`,
      measured: `${round(tail, 2)} times`,
      met: tail <= MOST_P99_TIMES_BARE,
    },
  ];
  if (fastapi === undefined) return goals;
  const times = ratio(service, fastapi, throughput);
  return [
    ...goals,
    {
      promise: `at least ${LEAST_TIMES_FASTAPI} times FastAPI with scikit-learn`,
      measured: `${round(times, 1)} times`,
      met: times >= LEAST_TIMES_FASTAPI,
    },
  ];
}

/** Every 200 has its record, and there are no others. */
async function judgeRecords(candidates: readonly Candidate[]): Promise<Goal[]> {
  const goals: Goal[] = [];
  for (const { name, logFolder, succeeded } of candidates) {
    if (logFolder === undefined) continue;
    const records = await countLines(logFolder);
    goals.push({
      promise: `${name}: as many records as 200 answers`,
      measured: `${records} records, ${succeeded} answers`,
      met: records === succeeded,
    });
  }
  return goals;
}

async function countLines(folder: string): Promise<number> {
  let lines = 0;
  const names = await readdir(folder);
  for (const name of names.filter((candidate) => candidate.startsWith('production_logs'))) {
    const bytes = await readFile(join(folder, name));
    for (const byte of bytes) if (byte === 0x0a) lines += 1;
  }
  return lines;
}

/** Median over the turns of what one candidate had, divided by what the other had in the same turn. */
function ratio(left: Candidate, right: Candidate, quantity: (turn: Measured) => number): number {
  return median(
    left.turns.map((turn, index) => {
      const other = right.turns[index];
      return other === undefined ? NaN : quantity(turn) / quantity(other);
    }),
  );
}

function throughput(turn: LoadResult): number {
  return turn.requests / turn.seconds;
}

function find(candidates: readonly Candidate[], name: string): Candidate {
  const found = candidates.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

/** As many elements, taken at even distances. */
function spread<T>(values: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(values.length / count));
  return values.filter((_, index) => index % step === 0).slice(0, count);
}

function printRow(name: string, cells: readonly string[]): void {
  console.log(name.padEnd(68) + cells.map((cell) => cell.padStart(13)).join(''));
}

function round(value: number, digits: number): string {
  return Number.isNaN(value) ? 'unknown' : value.toFixed(digits);
}

bench().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
