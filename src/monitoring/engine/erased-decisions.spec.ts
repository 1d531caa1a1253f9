import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DecidedLog, loadModel } from '../../../test/factories/decided-log';
import { AuditFolder } from '../../audit/file/audit-folder';
import { FileLogUpkeep } from '../../audit/file/file-log-upkeep';
import { eraseClient } from '../../audit/erase-client';
import { type LoadedModel } from '../../model/active-models';
import { type InputValues } from '../../scoring/application/application';
import { buildDriftReport } from '../drift/build-drift-report';
import { type DriftReport } from '../drift/drift-report';
import { FileSummaryStore } from '../summary/file-summary-store';
import { SummaryRetention } from '../summary/summary-retention';
import { HOUR_MS, MINUTE_MS, startOfStep } from '../summary/time-steps';
import { MonitoringCore } from './monitoring-core';

/** Stands nowhere else among the applications. */
const CREDIT_LIMIT = 987_650;
const ROWS = 12;

let model: LoadedModel;
let dataFolder: string;
let logFolder: string;
let samples: string;
let log: DecidedLog;
let core: MonitoringCore;
beforeAll(async () => {
  model = await loadModel();
});
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'monitoring-erased-'));
  logFolder = join(dataFolder, 'logs');
  samples = join(logFolder, 'monitoring', 'summaries', 'samples');
  log = await DecidedLog.open(dataFolder, model);
  core = await openCore();
});
afterEach(async () => {
  await core.close();
  await log.close();
  await rm(dataFolder, { recursive: true, force: true });
});

function openCore(): Promise<MonitoringCore> {
  const drift = {
    cron: '5 0 * * *',
    windowHours: 24,
    minimumRows: 5,
    psi: { moderate: 0.1, major: 0.25 },
    falseDiscoveryRate: 0.05,
  };
  const monitoring = { folder: join(logFolder, 'monitoring'), drift, retentionDays: 760 };
  return MonitoringCore.open(
    { model, storage: { kind: 'file' }, log: { folder: logFolder }, monitoring },
    (parts) => Promise.resolve(buildDriftReport(parts)),
    () => undefined,
  );
}

const start = startOfStep(Date.now(), HOUR_MS) - 5 * HOUR_MS;

function exampleInputs(creditLimit = 50_000): InputValues {
  const values = Object.fromEntries(model.bundle.inputs.map(({ name, example }) => [name, example]));
  return { ...values, creditLimit };
}

/** An hour of applications, the first of them by the client to be erased. */
async function decideAnHour(): Promise<void> {
  await log.decide(start, exampleInputs(CREDIT_LIMIT), undefined, 'client-1');
  for (let row = 1; row < ROWS; row += 1) await log.decide(start + row * MINUTE_MS, exampleInputs());
  await core.catchUp();
}

/** A record of the next hour: the hour before it is finished. */
async function finishHour(): Promise<void> {
  await log.decide(start + HOUR_MS, exampleInputs());
  await core.catchUp();
  const hours = join(logFolder, 'monitoring', 'summaries', 'hours');
  while ((await readdir(hours)).length === 0) await wait(20);
}

async function erase(): Promise<void> {
  const store = new FileSummaryStore(
    join(logFolder, 'monitoring', 'summaries'),
    new SummaryRetention(24, 760),
  );
  const result = await eraseClient(
    { clientId: 'client-1', reason: 'a request' },
    {
      upkeep: new FileLogUpkeep({ folder: logFolder, fsync: 'never' }, Date.now),
      clock: Date.now,
      audit: new AuditFolder(logFolder, 'never', Date.now),
      context: { caller: 'tester' },
      eraseSamples: (recordTimes) => store.eraseSamples(recordTimes),
      signal: new AbortController().signal,
    },
  );
  expect(result.records).toBe(1);
}

async function samplesHoldTheClient(): Promise<boolean> {
  const trace = Buffer.from(Float64Array.of(CREDIT_LIMIT).buffer);
  const files = await Promise.all((await readdir(samples)).map((name) => readFile(join(samples, name))));
  return files.some((bytes) => bytes.includes(trace));
}

function report(): Promise<DriftReport> {
  return core.reportDrift({ span: { fromMs: start, toMs: start + HOUR_MS }, trigger: 'manual' });
}

describe('decisions whose client was erased', () => {
  it('go from the raw values of a finished hour, and from drift reports, but not from the traffic', async () => {
    await decideAnHour();
    await finishHour();
    expect(await samplesHoldTheClient()).toBe(true);
    expect((await report()).rows).toBe(ROWS);
    await erase();
    expect(await samplesHoldTheClient()).toBe(false);
    const { rows, reservoir, inputs } = await report();
    expect({ rows, reservoir }).toEqual({ rows: ROWS - 1, reservoir: null });
    // Not as missing values, which would be drift by themselves.
    expect(inputs.find(({ name }) => name === 'creditLimit')).toMatchObject({
      productionRows: ROWS - 1,
      missing: 0,
    });
    const { totals } = await core.traffic({ fromMs: start, toMs: start + HOUR_MS });
    expect(totals.requests).toBe(ROWS);
  });

  it('are not kept later by a process that still had their values in memory', async () => {
    await decideAnHour();
    await erase();
    await finishHour();
    expect(await samplesHoldTheClient()).toBe(false);
    expect((await report()).rows).toBe(ROWS - 1);
  });

  it('are left out when the hour is read again', async () => {
    await decideAnHour();
    await erase();
    await core.close();
    core = await openCore();
    await core.catchUp();
    await finishHour();
    expect(await samplesHoldTheClient()).toBe(false);
    expect((await report()).rows).toBe(ROWS - 1);
    expect((await core.traffic({ fromMs: start, toMs: start + HOUR_MS })).totals.requests).toBe(ROWS);
  });
});
