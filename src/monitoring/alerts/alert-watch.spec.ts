import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger, type LoggerService } from '@nestjs/common';
import { someReport } from '../../../test/factories/drift-report';
import { NOW_MS, someJobStatus } from '../../../test/factories/monitoring';
import { fakeEngine, someFoldState } from '../../../test/factories/monitoring-engine';
import { someFigures, someTraffic } from '../../../test/factories/traffic';
import { SOLE_HOLDER } from '../../common/leases';
import { parseConfiguration } from '../../config/parse-configuration';
import { LogWatch } from '../../logging/log-watch';
import { LogUnavailableError, type PredictionLogReader } from '../../logging/prediction-log';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type DriftJob } from '../drift/drift-job';
import { type DriftReports } from '../drift/drift-reports';
import { type MonitoringEngine } from '../engine/monitoring-engine';
import { type FoldState } from '../traffic';
import { AlertWatch } from './alert-watch';
import { Alerts } from './alerts';
import { FileAlertStore } from './file-alert-store';

const MINUTE = 60_000;

/** What the watch asks, as it stands now. */
class Surroundings {
  nowMs = NOW_MS;
  fold: FoldState = someFoldState();
  figures = someFigures(500, { failed: 0 });
  report = someReport({ inputs: [] });
  overdue = false;
  setAside = 0;
  available = true;
  failing = new Set<string>();
  looks = 0;
  hold: Promise<void> = Promise.resolve();

  readonly engine: MonitoringEngine = fakeEngine({
    state: async () => {
      this.looks += 1;
      await this.hold;
      return this.answer('engine', this.fold);
    },
    traffic: (span) => {
      const traffic = someTraffic(span);
      return Promise.resolve(
        this.answer('traffic', { ...traffic, totals: { ...traffic.totals, ...this.figures } }),
      );
    },
  });
  readonly reports = {
    latest: () => Promise.resolve(this.answer('reports', this.report)),
  } satisfies Pick<DriftReports, 'latest'> as unknown as DriftReports;
  readonly job = {
    status: () => this.answer('job', someJobStatus({ overdue: this.overdue })),
  } satisfies Pick<DriftJob, 'status'> as unknown as DriftJob;
  readonly log = {
    probe: () =>
      Promise.resolve(
        this.answer('log', { available: this.available, waiting: 0, damagedLines: this.setAside }),
      ),
  } satisfies Pick<PredictionLogReader, 'probe'> as unknown as PredictionLogReader;

  private answer<T>(whom: string, value: T): T {
    if (this.failing.has(whom)) throw new Error(`${whom} is down`);
    return value;
  }
}

let folder: string;
let around: Surroundings;
let alerts: Alerts;
let watch: AlertWatch;
let logWatch: LogWatch;
const warnings: unknown[] = [];

async function start(leases = SOLE_HOLDER): Promise<void> {
  const configuration = parseConfiguration({ DATA_DIR: folder });
  const clock = (): number => around.nowMs;
  const store = new FileAlertStore(configuration.monitoring.folder, clock);
  alerts = new Alerts(configuration, clock, [], new ServiceMetrics(), store, leases);
  await alerts.onModuleInit();
  logWatch = new LogWatch(around.log, clock);
  watch = new AlertWatch(
    alerts,
    around.reports,
    around.job,
    around.engine,
    around.log,
    logWatch,
    configuration,
    clock,
  );
  watch.onApplicationBootstrap();
  await watch.look();
}

async function stop(): Promise<void> {
  watch.onModuleDestroy();
  await alerts.onModuleDestroy();
}

async function look(): Promise<void> {
  around.nowMs += MINUTE;
  await watch.look();
}

function found(): string[] {
  return alerts.list().map(({ kind, subject, state }) => [kind, subject, state].filter(Boolean).join(' '));
}

beforeAll(() => {
  Logger.overrideLogger({
    log: () => undefined,
    warn: (line: unknown) => warnings.push(line),
    error: (line: unknown) => warnings.push(line),
  } satisfies LoggerService);
});
afterAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alert-watch-'));
  around = new Surroundings();
  warnings.length = 0;
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

it('looks at the start, and finds nothing in a sound service', async () => {
  await start();

  expect(around.looks).toBe(1);
  expect(found()).toEqual([]);
  expect(warnings).toEqual([]);
});

it('judges every source it has', async () => {
  around.figures = someFigures(500, { failed: 100, latencyMs: { p50: 1, p95: 900, p99: 1000 } });
  around.report = someReport();
  around.overdue = true;
  around.setAside = 2;
  await start();

  expect(found().sort()).toEqual([
    'damaged_log_lines open',
    'drift_job_overdue open',
    'error_rate open',
    'input_drifted creditLimit open',
    'input_drifted probability open',
    'latency open',
  ]);
});

it.each(['engine', 'traffic', 'reports', 'job', 'log'])(
  'goes on without %s: its alerts stay, the others are judged, and one line says so',
  async (whom) => {
    around.figures = someFigures(500, { failed: 100 });
    around.overdue = true;
    around.report = someReport();
    await start();
    const before = found();
    around.failing.add(whom);
    await look();
    await look();
    await look();

    expect(found()).toEqual(before);
    expect(warnings).toHaveLength(1);
    expect(warnings).toEqual([
      expect.objectContaining({ msg: expect.stringContaining('did not answer') as string }),
    ]);
  },
);

it('does not look while another process holds the lease', async () => {
  await start({ ...SOLE_HOLDER, hold: () => Promise.resolve(false) });
  await look();

  expect(around.looks).toBe(0);
  expect(warnings).toEqual([]);
});

it('shares a look that is under way', async () => {
  await start();
  let release = (): void => undefined;
  around.hold = new Promise((resolve) => (release = resolve));
  const both = [watch.look(), watch.look()];
  release();
  await Promise.all(both);

  expect(around.looks).toBe(2);
});

it('does not wait for a look under way when it stops, and takes nothing over from it', async () => {
  await start();
  let release = (): void => undefined;
  around.hold = new Promise((resolve) => (release = resolve));
  around.overdue = true;
  const late = watch.look();
  await stop();
  release();
  await late;

  expect(found()).toEqual([]);
});

describe('a log that cannot be used', () => {
  it('opens an alert, which closes by itself some minutes after it can be used again', async () => {
    await start();
    around.available = false;
    await logWatch.look();
    await look();
    expect(found()).toEqual(['log_unavailable open']);
    around.available = true;
    await logWatch.look();
    for (let index = 0; index < 5; index += 1) await look();

    expect(found()).toEqual(['log_unavailable closed']);
  });

  it('opens one also when it was over before the next look, if an answer left no record', async () => {
    await start();
    logWatch.noteUnrecorded(503, new LogUnavailableError('The disk is full', 10));
    // One look for what was noted since the look before, one without.
    await logWatch.look();
    await logWatch.look();
    expect(logWatch.current).toBeUndefined();
    await look();

    expect(found()).toEqual(['log_unavailable open']);
    expect(alerts.list()[0]?.figures).toMatchObject({ reason: 'The disk is full', unrecorded: 1 });
  });
});

describe('damaged lines', () => {
  async function acknowledge(): Promise<void> {
    const alert = alerts.list().find(({ kind, state }) => kind === 'damaged_log_lines' && state === 'open');
    await alerts.acknowledge(String(alert?.id), 'the disk was changed', 'operator');
  }

  it('stay an open alert until somebody acknowledges them, which closes it', async () => {
    around.fold = someFoldState({ damagedLines: 2 });
    await start();
    for (let index = 0; index < 5; index += 1) await look();
    expect(found()).toEqual(['damaged_log_lines open']);
    expect(alerts.list()[0]?.figures).toEqual({ lines: 2 });
    await acknowledge();
    await look();
    expect(found()).toEqual(['damaged_log_lines acknowledged']);
    await look();

    expect(found()).toEqual(['damaged_log_lines closed']);
  });

  it('that are acknowledged open nothing after a restart; more of them do', async () => {
    around.fold = someFoldState({ damagedLines: 2 });
    await start();
    await acknowledge();
    await look();
    await look();
    await stop();
    await start();
    await look();
    expect(found()).toEqual(['damaged_log_lines closed']);
    around.fold = someFoldState({ damagedLines: 3 });
    await look();

    expect(found()).toEqual(['damaged_log_lines open']);
    expect(alerts.list()[0]?.figures).toEqual({ lines: 1 });
  });

  it('are counted again by a reader that began at zero', async () => {
    around.fold = someFoldState({ damagedLines: 2 });
    await start();
    await acknowledge();
    await stop();
    around.fold = someFoldState({ damagedLines: 0 });
    await start();
    around.fold = someFoldState({ damagedLines: 1 });
    await look();

    expect(found()).toEqual(['damaged_log_lines open']);
  });

  it('that every start sets aside are new each time', async () => {
    around.setAside = 1;
    await start();
    await look();
    await stop();
    await start();

    expect(alerts.list()[0]?.figures).toEqual({ lines: 2 });
  });

  it('are not counted from a reader that has not caught up, whose count may only be half restored', async () => {
    around.fold = someFoldState({ damagedLines: 2 });
    await start();
    await acknowledge();
    await stop();
    around.fold = someFoldState({ damagedLines: 0, caughtUp: false });
    await start();
    around.fold = someFoldState({ damagedLines: 2 });
    await look();
    await look();

    expect(found()).toEqual(['damaged_log_lines closed']);
  });
});
