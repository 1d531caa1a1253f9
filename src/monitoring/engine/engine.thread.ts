import { getPriority, setPriority } from 'node:os';
import { extname, join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { type UntimedDriftReport } from '../drift/drift-report';
import { type DriftReportParts } from '../drift/build-drift-report';
import { ReferenceSampleError } from '../drift/load-reference-sample';
import { type EngineMessage, type EngineOptions, type EngineQuestion } from './engine-messages';
import { MonitoringCore } from './monitoring-core';

/** Reading the log may always wait for a prediction; Linux counts priorities by thread, others by process. */
const BACKGROUND_PRIORITY = 10;

function say(message: EngineMessage): void {
  parentPort?.postMessage(message);
}

/** Statistics take seconds on large windows, and pages must not wait for them: a thread of their own. */
function buildReportInThread(parts: DriftReportParts): Promise<UntimedDriftReport> {
  const { numbers, probability } = parts.window.sample;
  return new Promise((resolve, reject) => {
    const thread = new Worker(join(__dirname, `drift-report.thread${extname(__filename)}`), {
      workerData: parts,
      // Handed over, not copied: nobody here needs the window any more.
      transferList: [...numbers.values(), probability].map(({ buffer }) => buffer as ArrayBuffer),
    });
    thread.once('message', (report: UntimedDriftReport) => {
      resolve(report);
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      reject(new Error('The thread of the drift report ended without a report'));
    });
  });
}

// A service that was started with a lower one keeps it: only root may raise a priority.
if (process.platform === 'linux' && getPriority(0) < BACKGROUND_PRIORITY) setPriority(0, BACKGROUND_PRIORITY);

const options = workerData as EngineOptions;
const { storage } = options;
const opening = MonitoringCore.open(options, buildReportInThread, (problem) => {
  say({ kind: 'problem', message: problem?.message ?? null });
});
opening.then(
  () => {
    say({ kind: 'problem', message: null });
  },
  (error: unknown) => {
    say({ kind: 'problem', message: describe(error) });
    // A database that is away comes back: the thread is started again. What the folder of a model lacks does not.
    if (storage.kind === 'postgres' && !(error instanceof ReferenceSampleError)) process.exit(1);
  },
);

parentPort?.on('message', ({ id, call, argument }: EngineQuestion) => {
  opening
    .then((core) => core.answer(call, argument as never))
    .then(
      (answer) => {
        say({ kind: 'answer', id, answer });
        if (call === 'close') parentPort?.close();
      },
      (error: unknown) => {
        say({ kind: 'failure', id, message: describe(error) });
        if (call === 'close') parentPort?.close();
      },
    );
});

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
