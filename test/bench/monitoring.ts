/**
 * Monitoring beside a long log: how fast it is read, how large the process grows, how fast pages answer
 * meanwhile, and what reading costs predictions. From the root of the repository:
 *
 *   npm run bench:monitoring -- --rows 10000000 --days 30
 *
 * With `--folder DIR` the log in DIR is used, and made there if missing: it takes a gigabyte for a million records.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { generateLog } from './generate-log';
import { LoadGenerator, makeTemporaryFolder, ServerProcess } from './http/bench-process';
import { reportGoals } from './http/goal';

const MOST_START_MS = 10_000;
const MOST_MEGABYTES = 512;
const MOST_PAGE_P99_MS = 300;
const LEAST_RECORDS_A_SECOND = 20_000;
const MOST_DELAY_P99_MS = 10;

/** Times each page is asked for; enough for a 99th percentile. */
const PAGE_ROUNDS = 120;

/** Predictions sent one after the other to see what reading the log costs them. */
const PREDICTIONS = 3000;

const PAGES = [
  '/monitoring?period=hour',
  '/monitoring?period=day',
  '/monitoring?period=week',
  '/monitoring?period=month',
  '/monitoring/drift',
  '/monitoring/predictions',
  '/monitoring/predictions?decision=REJECTED',
  '/monitoring/models',
  '/monitoring/alerts',
  '/monitoring/api',
  '/monitoring/api/drift',
  '/metrics',
];

interface Reading {
  readonly records: number;
  readonly caughtUp: boolean;
}

/** Follows the resident set of a server, as long as it runs. */
class MemoryWatch {
  most = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(server: ServerProcess) {
    this.timer = setInterval(() => {
      this.most = Math.max(this.most, server.residentMegabytes());
    }, 500);
  }

  stop(): number {
    clearInterval(this.timer);
    return this.most;
  }
}

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      days: { type: 'string', default: '30' },
      folder: { type: 'string' },
    },
  });
  const dataFolder = values.folder ?? makeTemporaryFolder();
  const logFolder = join(dataFolder, 'logs');
  if (!existsSync(logFolder)) {
    const rows = Number(values.rows);
    await generateLog({ folder: logFolder, rows, days: Number(values.days), end: Date.now(), seed: 1 });
    console.log(`${rows} records in ${values.days} days`);
  }
  rmSync(join(logFolder, 'monitoring'), { recursive: true, force: true });

  const first = await startService(dataFolder);
  const memory = new MemoryWatch(first);
  const generator = await LoadGenerator.start();
  const processorBefore = first.processorTime() ?? NaN;
  const begun = performance.now();
  const delayed = await predict(generator, first);
  const whileReading = await timePages(first, 10);
  const reading = await caughtUp(first);
  const seconds = (performance.now() - begun) / 1000;
  const processorSeconds = ((first.processorTime() ?? NaN) - processorBefore) / 1e6;
  const quiet = await predict(generator, first);
  const afterwards = await timePages(first, PAGE_ROUNDS);
  const most = memory.stop();
  await generator.stop();
  await first.stop();

  const second = await startService(dataFolder);
  const memoryAgain = new MemoryWatch(second);
  const again = await timePages(second, PAGE_ROUNDS);
  const tail = await caughtUp(second);
  const mostAgain = memoryAgain.stop();
  await second.stop();

  console.log(
    `first start ${first.startMs.toFixed(0)} ms; read ${reading.records} records in ${seconds.toFixed(1)} s`,
  );
  console.log(`  processor time of the whole process meanwhile ${processorSeconds.toFixed(1)} s`);
  console.log(`second start ${second.startMs.toFixed(0)} ms; read ${tail.records} records`);
  console.log(
    `predictions p99, ms: ${delayed.toFixed(2)} while the log is read, ${quiet.toFixed(2)} afterwards`,
  );
  console.log('pages, p99 in ms: while the log is read | afterwards | from a restart on');
  for (const page of PAGES) {
    const figures = [whileReading, afterwards, again].map((times) =>
      (times.get(page) ?? NaN).toFixed(1).padStart(7),
    );
    console.log(`  ${page.padEnd(45)} ${figures.join(' | ')}`);
  }
  const slowest = Math.max(...[whileReading, afterwards, again].flatMap((times) => [...times.values()]));
  const perSecond = reading.records / seconds;
  reportGoals([
    goal('ready within', Math.max(first.startMs, second.startMs), MOST_START_MS, 'ms'),
    goal('resident set under', Math.max(most, mostAgain), MOST_MEGABYTES, 'MB'),
    goal('every page within, p99', slowest, MOST_PAGE_P99_MS, 'ms'),
    goal('predictions delayed by at most, p99', delayed - quiet, MOST_DELAY_P99_MS, 'ms'),
    {
      promise: `reads at least ${LEAST_RECORDS_A_SECOND} records a second`,
      measured: perSecond.toFixed(0),
      met: perSecond >= LEAST_RECORDS_A_SECOND,
    },
  ]);
}

function goal(
  promise: string,
  measured: number,
  limit: number,
  unit: string,
): Parameters<typeof reportGoals>[0][number] {
  return {
    promise: `${promise} ${limit} ${unit}`,
    measured: `${measured.toFixed(1)} ${unit}`,
    met: measured <= limit,
  };
}

function startService(dataFolder: string): Promise<ServerProcess> {
  return ServerProcess.start(
    (port) => ({
      program: process.execPath,
      parameters: ['dist/main.js'],
      environment: { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'error', DATA_DIR: dataFolder },
    }),
    '/health/ready',
    'any',
  );
}

/** One connection, one request after the other: the 99th percentile of their times, milliseconds. */
async function predict(generator: LoadGenerator, server: ServerProcess): Promise<number> {
  const order = { port: server.port, path: '/predict', connections: 1, limit: { requests: PREDICTIONS } };
  const { succeeded, p99 } = await generator.drive(order);
  if (succeeded !== PREDICTIONS) throw new Error(`${PREDICTIONS - succeeded} answers were not 200`);
  return p99;
}

async function caughtUp({ port }: ServerProcess): Promise<Reading> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/monitoring/api?period=hour`);
    const { reading } = (await response.json()) as { readonly reading: Reading | null };
    if (reading?.caughtUp) return reading;
    await delay(100);
  }
}

/** The 99th percentile of each page's time to its last byte, milliseconds. */
async function timePages({ port }: ServerProcess, rounds: number): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>(PAGES.map((page) => [page, []]));
  for (let round = 0; round < rounds; round++) {
    for (const page of PAGES) {
      const asked = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}${page}`);
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`${page} answered ${response.status}`);
      times.get(page)?.push(performance.now() - asked);
    }
  }
  return new Map([...times].map(([page, all]) => [page, quantile99(all)]));
}

function quantile99(values: number[]): number {
  values.sort((left, right) => left - right);
  return values[Math.max(0, Math.ceil(values.length * 0.99) - 1)] ?? NaN;
}

bench().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
