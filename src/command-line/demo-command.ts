import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo } from 'node:net';
import { type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type INestApplication } from '@nestjs/common';
import { ApplicationLogger } from '../common/application-logger';
import { parseConfiguration } from '../config/parse-configuration';
import { createApplication } from '../create-application';
import { AlertWatch } from '../monitoring/alerts/alert-watch';
import { DriftJob } from '../monitoring/drift/drift-job';
import { type DriftRun } from '../monitoring/drift/drift-report';
import { DriftReports } from '../monitoring/drift/drift-reports';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { readDemoScenario } from './demo-scenario';
import { formatCount } from './format-figures';
import { loadModels } from './load-models';
import { makeDemoDays, type DemoRequest } from './make-demo-days';
import { PredictionClient } from './prediction-client';
import { startProgress } from './progress';
import { readReplayCases } from './replay-cases';

const SAMPLE_FILE = 'data/samples/holdout.csv';

/** More rows than the sample has would only repeat it. */
const SAMPLE_ROWS = 6000;

/** The job runs by itself at the start; it is asked this often whether it is done. */
const POLL_MS = 200;

export const DEMO_USAGE = `Shows the service at work: sends real applications through it, spread over the last days, then some of other
people and with one amount in another unit, lets the drift job run, and serves the pages until Ctrl-C.

  npm run demo

Everything is kept in a folder of its own that is removed at the end; your data is not touched.

Settings (environment): as for the service, except DATA_DIR, ROLES, AUTH and HOST. PORT=0 takes any free port.
`;

/** `npm run demo`. */
export async function demo(surroundings: Surroundings): Promise<ExitCode> {
  const { words, environment, output, messages, signal } = surroundings;
  if (words.length > 0) {
    if (words.every((word) => word === '--help' || word === '-h')) {
      output.write(DEMO_USAGE);
      return EXIT_CODES.done;
    }
    throw new CommandError('The demonstration takes no options. See --help.');
  }
  const { bundle } = (await loadModels(environment)).champion();
  const scenario = await readDemoScenario(bundle);
  const applications: Readonly<Record<string, unknown>>[] = [];
  for await (const { application } of readReplayCases(bundle, SAMPLE_FILE, SAMPLE_ROWS, signal)) {
    applications.push(application);
  }
  const dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-demo-'));
  try {
    // Made-up clients on this machine only: nobody needs a key for them.
    const settings = { ...environment, DATA_DIR: dataFolder, AUTH: 'off', NODE_ENV: '', HOST: '127.0.0.1' };
    const requests = makeDemoDays(scenario, bundle, applications, Date.now());
    await livePastDays(settings, requests, surroundings);
    await serve(settings, surroundings);
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
  messages.write('The demonstration is over, its data removed.\n');
  return EXIT_CODES.done;
}

/** The service as always, only that its clock tells the time of each request. */
async function livePastDays(
  settings: Surroundings['environment'],
  requests: readonly DemoRequest[],
  { messages, signal }: Surroundings,
): Promise<void> {
  let nowMs = 0;
  const configuration = parseConfiguration({ ...settings, ROLES: 'api', PORT: '0' });
  const logger = new ApplicationLogger('warn');
  const app = await createApplication(configuration, logger, throwFatal, () => nowMs);
  await app.listen(0, '127.0.0.1');
  const client = new PredictionClient(addressOf(app), 1, signal);
  const progress = startProgress(messages, 'past days', requests.length);
  try {
    for (const [sent, { atMs, application }] of requests.entries()) {
      signal.throwIfAborted();
      nowMs = atMs;
      const { status } = await client.predict(application);
      if (status !== 200 && status !== 400) {
        throw new CommandError(`The service answered ${status} to an application: look at its log above.`);
      }
      progress.update(sent + 1, `${formatCount(sent + 1)} of ${formatCount(requests.length)} applications`);
    }
  } finally {
    progress.stop();
    client.close();
    await app.close();
  }
}

async function serve(settings: Surroundings['environment'], { output, signal }: Surroundings): Promise<void> {
  const configuration = parseConfiguration({ ...settings, ROLES: 'api,monitoring' });
  const app = await createApplication(
    configuration,
    new ApplicationLogger(configuration.logLevel),
    throwFatal,
  );
  try {
    await listen(app, configuration.http);
    await driftJobDone(app.get(DriftJob, { strict: false }), signal);
    // By itself within a minute; who looks at the pages now should see them.
    await app.get(AlertWatch, { strict: false }).look();
    const runs = await app.get(DriftReports, { strict: false }).list(31);
    output.write(
      `${describeRuns(runs)}\nLook at ${addressOf(app).href}monitoring (Ctrl-C ends the demonstration)\n`,
    );
    await new Promise<void>((resolve) => {
      // The service alone would keep the process alive.
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    await app.close();
  }
}

async function listen(app: INestApplication, { port, host }: { port: number; host: string }): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw new CommandError('PORT: cannot be listened on. Stop what listens there, or set PORT=0.', {
      cause: error,
    });
  }
}

async function driftJobDone(job: DriftJob, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { running, lastSuccessAtMs, lastFailure } = job.status();
    if (lastFailure !== null) throw new CommandError(`The drift job failed: ${lastFailure}`);
    if (!running && lastSuccessAtMs !== null) return;
    await wait(POLL_MS, undefined, { signal });
  }
}

function describeRuns(runs: readonly DriftRun[]): string {
  return runs
    .toReversed()
    .map(({ window, rows, verdict, drifted }) => {
      const what = drifted.length > 0 ? `: ${drifted.join(', ')}` : '';
      return `${window.from.slice(0, 10)}  ${formatCount(rows)} decisions  ${verdict}${what}\n`;
    })
    .join('');
}

function addressOf(app: INestApplication): URL {
  const { port, address, family } = (app.getHttpServer() as Server).address() as AddressInfo;
  const host =
    address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return new URL(`http://${host}:${port}/`);
}

function throwFatal(error: Error): never {
  throw error;
}
