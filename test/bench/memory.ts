import { join } from 'node:path';
import { LoadGenerator, makeTemporaryFolder, type Processor, ServerProcess } from './http/bench-process';
import { reportGoals } from './http/goal';
import { median } from './http/median';

/** Resident memory of the service under load, and how soon after its start it is ready. */

const PREDICTIONS = 100_000;
const CONNECTIONS = 64;
/** Looks at the memory while the predictions are made. */
const SAMPLES = 10;
const STARTS = 7;

const MOST_MEGABYTES = 150;
const MOST_GROWTH = 1.05;
const MOST_START_MS = 1_500;

async function bench(): Promise<void> {
  const folder = makeTemporaryFolder();
  const starts: ServerProcess[] = [];
  for (let turn = 0; turn < STARTS; turn++) {
    const server = await startService(join(folder, `start-${turn}`), 'any');
    starts.push(server);
    await server.stop();
  }
  const startMs = median(starts.map((server) => server.startMs));

  const server = await startService(join(folder, 'load'), 'server');
  const generator = await LoadGenerator.start();
  const afterStart = server.residentMegabytes();
  const first = await predict(generator, server);
  const second = await predict(generator, server);
  await generator.stop();
  await server.stop();

  const growth = level(second) / level(first);
  console.log(
    `Resident set of the service, MB (10⁶ bytes), ${CONNECTIONS} connections, ` +
      `after every ${PREDICTIONS / SAMPLES} predictions:`,
  );
  console.log(`  after start            ${afterStart.toFixed(0)}`);
  console.log(`  first ${PREDICTIONS}           ${describe(first)}`);
  console.log(`  next ${PREDICTIONS}            ${describe(second)}`);
  console.log(`From spawn to ready, ms: ${describe(starts.map((start) => start.startMs))}`);
  console.log(
    `  of which the processor worked: ${describe(starts.map((start) => start.startProcessorMs ?? NaN))}`,
  );
  reportGoals([
    {
      promise: `under ${MOST_MEGABYTES} MB after ${PREDICTIONS} predictions`,
      measured: `${level(first).toFixed(1)} MB`,
      met: level(first) < MOST_MEGABYTES,
    },
    {
      promise: `flat over the next ${PREDICTIONS}: at most ${MOST_GROWTH} times`,
      measured: `${growth.toFixed(3)} times`,
      met: growth <= MOST_GROWTH,
    },
    {
      promise: `ready within ${MOST_START_MS} ms, median of ${STARTS} starts`,
      measured: `${startMs.toFixed(0)} ms`,
      met: startMs < MOST_START_MS,
    },
  ]);
}

function startService(dataFolder: string, processor: Processor): Promise<ServerProcess> {
  return ServerProcess.start(
    (port) => ({
      program: process.execPath,
      parameters: ['dist/main.js'],
      environment: { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', DATA_DIR: dataFolder },
    }),
    '/health/ready',
    processor,
  );
}

/** Sends the predictions; returns the resident set along the way, megabytes. */
async function predict(generator: LoadGenerator, server: ServerProcess): Promise<number[]> {
  const samples: number[] = [];
  const requests = PREDICTIONS / SAMPLES;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const { succeeded } = await generator.drive({
      port: server.port,
      path: '/predict',
      connections: CONNECTIONS,
      limit: { requests },
    });
    if (succeeded !== requests) throw new Error(`${requests - succeeded} answers were not 200`);
    samples.push(server.residentMegabytes());
  }
  return samples;
}

/** Where the memory stands at the end: the median of the second half, as a collection may be due at any moment. */
function level(samples: readonly number[]): number {
  return median(samples.slice(samples.length / 2));
}

function describe(values: readonly number[]): string {
  return values.map((value) => value.toFixed(0)).join(', ');
}

bench().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
