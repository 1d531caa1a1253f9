import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadGenerator, type Processor, ServerProcess } from './http/bench-process';
import { reportGoals } from './http/goal';
import { median } from './http/median';

/** Resident memory of the service under load, and how soon after its start it is ready. */

const PREDICTIONS = 100_000;
const CONNECTIONS = 64;
const STARTS = 7;

const MOST_MEGABYTES = 150;
const MOST_GROWTH = 1.05;
const MOST_START_MS = 1_500;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'memory-bench-'));
  try {
    await bench(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bench(folder: string): Promise<void> {
  const starts: number[] = [];
  for (let turn = 0; turn < STARTS; turn++) {
    const server = await startService(join(folder, `start-${turn}`), 'any');
    starts.push(server.startMs);
    await server.stop();
  }
  const startMs = median(starts);

  const server = await startService(join(folder, 'load'), 'server');
  const generator = await LoadGenerator.start();
  const afterStart = server.residentMegabytes();
  const first = await predict(generator, server);
  const second = await predict(generator, server);
  await generator.stop();
  await server.stop();

  console.log(`Resident set of the service, MB (10⁶ bytes), ${CONNECTIONS} connections:`);
  console.log(`  after start                            ${afterStart.toFixed(1)}`);
  console.log(`  after ${PREDICTIONS} predictions               ${first.toFixed(1)}`);
  console.log(`  after ${PREDICTIONS} more                      ${second.toFixed(1)}`);
  console.log(`From spawn to ready, ms: ${starts.map((start) => start.toFixed(0)).join(', ')}`);
  reportGoals([
    {
      promise: `under ${MOST_MEGABYTES} MB after ${PREDICTIONS} predictions`,
      measured: `${first.toFixed(1)} MB`,
      met: first < MOST_MEGABYTES,
    },
    {
      promise: `flat over the next ${PREDICTIONS}: at most ${MOST_GROWTH} times`,
      measured: `${(second / first).toFixed(3)} times`,
      met: second <= first * MOST_GROWTH,
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

/** Sends the predictions; returns the resident set afterwards, megabytes. */
async function predict(generator: LoadGenerator, server: ServerProcess): Promise<number> {
  const { succeeded } = await generator.drive({
    port: server.port,
    path: '/predict',
    connections: CONNECTIONS,
    limit: { requests: PREDICTIONS },
  });
  if (succeeded !== PREDICTIONS) throw new Error(`${PREDICTIONS - succeeded} answers were not 200`);
  return server.residentMegabytes();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
