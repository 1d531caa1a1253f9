import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { fakeEngine, someFoldState, someInputDrift, someReport } from '../../../test/factories/monitoring';
import { CLOCK } from '../../common/clock';
import { LEASES, type Leases, SOLE_HOLDER } from '../../common/leases';
import { CONFIGURATION } from '../../config/configuration';
import { parseConfiguration } from '../../config/parse-configuration';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { type DriftRequest, MONITORING_ENGINE } from '../engine/monitoring-engine';
import { DriftJob } from './drift-job';
import { type DriftReport } from './drift-report';
import { DRIFT_REPORT_STORE } from './drift-report-store';
import { DriftReports } from './drift-reports';
import { FileDriftReportStore } from './file-drift-report-store';
import { nameDriftReport } from './name-drift-report';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;

/** The engine's calls, in order; each test says what it answers. */
class Engine {
  readonly calls: string[] = [];
  readonly requests: DriftRequest[] = [];
  firstRecordAtMs: number | null = Date.UTC(2026, 10, 20, 10);
  verdict: DriftReport['verdict'] = 'stable';
  /** What comes before the answer. */
  work: () => Promise<void> = () => Promise.resolve();

  readonly port = fakeEngine({
    catchUp: () => {
      this.calls.push('catchUp');
      return Promise.resolve();
    },
    state: () => Promise.resolve(someFoldState({ firstRecordAtMs: this.firstRecordAtMs })),
    reportDrift: async (request) => {
      this.calls.push('reportDrift');
      this.requests.push(request);
      await this.work();
      return reportOf(request, now, this.verdict);
    },
  });

  /** Ends of the windows that were asked for, and why. */
  get windows(): readonly string[] {
    return this.requests.map(
      ({ span, trigger }) => `${new Date(span.toMs).toISOString().slice(0, 16)} ${trigger}`,
    );
  }
}

function reportOf(
  { span, trigger }: DriftRequest,
  createdAtMs: number,
  verdict: DriftReport['verdict'] = 'stable',
): DriftReport {
  const [from, to] = [span.fromMs, span.toMs].map((time) => new Date(time).toISOString());
  return someReport({
    id: nameDriftReport(span, trigger, createdAtMs),
    trigger,
    verdict,
    window: { from: from ?? '', to: to ?? '', hours: (span.toMs - span.fromMs) / HOUR_MS },
    createdAt: new Date(createdAtMs).toISOString(),
  });
}

interface Instance {
  readonly app: INestApplicationContext;
  readonly engine: Engine;
  readonly job: DriftJob;
  readonly reports: DriftReports;
  readonly metrics: ServiceMetrics;
}

let dataFolder: string;
let now: number;
/** Lines of the job itself; Nest writes texts. */
let logged: { level: string; line: Readonly<Record<string, unknown>> }[];
let instances: Instance[];
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'drift-job-'));
  now = Date.UTC(2026, 10, 21, 0, 5);
  logged = [];
  instances = [];
  for (const level of ['log', 'warn', 'error'] as const) {
    jest.spyOn(Logger.prototype, level).mockImplementation((...words: readonly unknown[]) => {
      const [line] = words;
      if (typeof line === 'object') logged.push({ level, line: line as Readonly<Record<string, unknown>> });
    });
  }
});
afterEach(async () => {
  for (const { app } of instances) await app.close();
  jest.restoreAllMocks();
  await rm(dataFolder, { recursive: true });
});

/** Starts the job in a Nest application, and waits until it has done what was due. */
async function start(
  engine = new Engine(),
  settings: Readonly<Record<string, string>> = {},
): Promise<Instance> {
  const instance = await begin(engine, settings);
  await instance.job.runDue();
  return instance;
}

async function begin(
  engine: Engine,
  settings: Readonly<Record<string, string>> = {},
  leases = SOLE_HOLDER,
): Promise<Instance> {
  @Module({
    imports: [ScheduleModule.forRoot()],
    providers: [
      DriftJob,
      DriftReports,
      ServiceMetrics,
      { provide: CONFIGURATION, useValue: parseConfiguration({ DATA_DIR: dataFolder, ...settings }) },
      { provide: CLOCK, useValue: () => now },
      { provide: MONITORING_ENGINE, useValue: engine.port },
      {
        provide: DRIFT_REPORT_STORE,
        useValue: new FileDriftReportStore(join(dataFolder, 'logs', 'monitoring', 'drift')),
      },
      { provide: LEASES, useValue: leases },
    ],
  })
  class MonitoringUnderTest {}
  const app = await NestFactory.createApplicationContext(MonitoringUnderTest);
  const instance = {
    app,
    engine,
    job: app.get(DriftJob),
    reports: app.get(DriftReports),
    metrics: app.get(ServiceMetrics),
  };
  instances.push(instance);
  return instance;
}

const runLines = (): readonly string[] =>
  logged
    .filter(({ line }) => String(line['msg']).startsWith('drift report'))
    .map(({ level, line }) => `${level}: ${String(line['msg'])}`);

const files = (): Promise<string[]> => readdir(join(dataFolder, 'logs', 'monitoring', 'drift'));

describe('the drift job', () => {
  it('reports the window that ends with the whole hour before its moment, after catching up', async () => {
    const { engine, job } = await start();
    expect(engine.requests).toEqual([
      { span: { fromMs: Date.UTC(2026, 10, 20), toMs: Date.UTC(2026, 10, 21) }, trigger: 'schedule' },
    ]);
    expect(engine.calls.slice(-2)).toEqual(['catchUp', 'reportDrift']);
    expect(await files()).toEqual(['2026-11-21T00-00-00Z.json']);
    expect(job.status()).toEqual({
      cron: '5 0 * * *',
      windowHours: 24,
      running: false,
      lastWindowEndMs: Date.UTC(2026, 10, 21),
      lastSuccessAtMs: now,
      nextRunAtMs: Date.UTC(2026, 10, 22, 0, 5),
      overdue: false,
      lastFailure: null,
    });
  });

  it('does nothing before the moment, nor while the log is empty', async () => {
    now -= 1000;
    const early = await start();
    expect(early.engine.windows).toEqual([]);
    const engine = new Engine();
    engine.firstRecordAtMs = null;
    now += DAY_MS;
    const { job } = await start(engine);
    expect(engine.windows).toEqual([]);
    expect(job.status()).toMatchObject({ lastWindowEndMs: null, lastSuccessAtMs: null, overdue: false });
  });

  it('makes up for the windows it missed, oldest first, from the first record on', async () => {
    now = Date.UTC(2026, 10, 23, 0, 20);
    const { engine } = await start();
    expect(engine.windows).toEqual([
      '2026-11-21T00:00 catch-up',
      '2026-11-22T00:00 catch-up',
      '2026-11-23T00:00 schedule',
    ]);
  });

  it('goes on behind the newest report after a restart', async () => {
    const first = await start();
    await first.app.close();
    now = Date.UTC(2026, 10, 23, 12);
    expect((await start()).engine.windows).toEqual([
      '2026-11-22T00:00 catch-up',
      '2026-11-23T00:00 catch-up',
    ]);
    expect((await start()).engine.windows).toEqual([]);
  });

  it('makes at most the 31 newest', async () => {
    const engine = new Engine();
    engine.firstRecordAtMs = Date.UTC(2025, 0, 1);
    now = Date.UTC(2026, 10, 23, 12);
    await start(engine);
    expect(engine.windows).toHaveLength(31);
    expect([engine.windows[0], engine.windows.at(-1)]).toEqual([
      '2026-10-24T00:00 catch-up',
      '2026-11-23T00:00 catch-up',
    ]);
  });

  it('also reports a window whose moment comes during a run', async () => {
    const engine = new Engine();
    engine.work = () => {
      now = Date.UTC(2026, 10, 22, 0, 5);
      return Promise.resolve();
    };
    await start(engine);
    expect(engine.windows).toEqual(['2026-11-21T00:00 schedule', '2026-11-22T00:00 schedule']);
  });

  it('obeys DRIFT_CRON and DRIFT_WINDOW_HOURS', async () => {
    now = Date.UTC(2026, 10, 20, 14, 30);
    const { engine, job } = await start(new Engine(), {
      DRIFT_CRON: '30 */2 * * *',
      DRIFT_WINDOW_HOURS: '6',
    });
    expect(engine.windows).toEqual(['2026-11-20T12:00 catch-up', '2026-11-20T14:00 schedule']);
    expect(engine.requests[1]?.span.fromMs).toBe(Date.UTC(2026, 10, 20, 8));
    expect(job.status().nextRunAtMs).toBe(Date.UTC(2026, 10, 20, 16, 30));
  });

  it('makes one report a window however often it is asked at once', async () => {
    const instance = await begin(new Engine());
    await Promise.all(Array.from({ length: 5 }, () => instance.job.runDue()));
    expect(instance.engine.windows).toEqual(['2026-11-21T00:00 schedule']);
  });

  it('makes one report a window with two instances on one folder, and tells it once', async () => {
    const [left, right] = [new Engine(), new Engine()];
    let arrived = 0;
    for (const engine of [left, right]) {
      engine.work = async () => {
        arrived += 1;
        while (arrived < 2) await wait(1);
      };
    }
    const both = await Promise.all([start(left), start(right)]);
    expect(arrived).toBe(2);
    expect(await files()).toEqual(['2026-11-21T00-00-00Z.json']);
    expect(runLines()).toEqual(['log: drift report: stable']);
    for (const { job } of both) {
      expect(job.status()).toMatchObject({ lastWindowEndMs: Date.UTC(2026, 10, 21), lastFailure: null });
    }
  });

  it('removes what is older than RETENTION_DAYS after each report', async () => {
    const { job } = await start(new Engine(), { RETENTION_DAYS: '2' });
    now += 2 * DAY_MS;
    await job.runDue();
    expect(await files()).toEqual(['2026-11-22T00-00-00Z.json', '2026-11-23T00-00-00Z.json']);
  });
});

describe('what the drift job tells', () => {
  it.each([
    { verdict: 'stable', level: 'log' },
    { verdict: 'drifted', level: 'warn' },
    { verdict: 'insufficient_data', level: 'warn' },
  ] as const)('is one $level line when $verdict, with every input', async ({ verdict, level }) => {
    const engine = new Engine();
    engine.verdict = verdict;
    await start(engine);
    const lines = logged.filter(({ line }) => 'verdict' in line);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level,
      line: {
        msg: `drift report: ${verdict}`,
        verdict,
        report: '2026-11-21T00-00-00Z',
        window: { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z', hours: 24 },
        rows: 9870,
        referenceRows: 6000,
        model: { name: 'credit-default', version: '1.0.0' },
      },
    });
    const { inputs } = someReport();
    expect(lines[0]?.line['inputs']).toHaveLength(inputs.length);
    const input = someInputDrift('creditLimit', 0.31);
    expect((lines[0]?.line['inputs'] as unknown[])[0]).toEqual({
      name: 'creditLimit',
      verdict: 'drifted',
      psi: 0.31,
      psiThreshold: 0.1,
      psiCritical: 0.0045,
      ks: input.kolmogorovSmirnov?.statistic,
      ksP: 1.2e-14,
      chiSquareP: 3e-12,
      adjustedP: 4.8e-13,
      significance: 0.05,
      n: 9870,
      m: 6000,
    });
  });

  it('stands in the metrics, also after a restart without a run', async () => {
    const first = await start();
    await first.app.close();
    const { metrics, engine } = await start();
    expect(engine.windows).toEqual([]);
    const text = await metrics.format();
    expect(text).toContain('credit_scoring_drift_psi{input="creditLimit"} 0.31\n');
    expect(text).toContain('credit_scoring_drift_verdict{input="age"} -1\n');
    expect(text).not.toContain('credit_scoring_drift_adjusted_p_value{input="age"}');
    expect(text).toContain('credit_scoring_drift_rows 9870\n');
    expect(text).toContain(
      `credit_scoring_drift_job_window_end_timestamp_seconds ${Date.UTC(2026, 10, 21) / 1000}\n`,
    );
    expect(text).toContain(`credit_scoring_drift_job_last_success_timestamp_seconds ${now / 1000}\n`);
  });
});

describe('a drift job that fails', () => {
  function failing(): Engine {
    const engine = new Engine();
    engine.work = () => Promise.reject(new Error('the volume is full: make room'));
    return engine;
  }

  it('says so, and goes on where it was once the cause is gone', async () => {
    const engine = failing();
    const { job } = await start(engine);
    expect(job.status()).toMatchObject({
      running: false,
      lastWindowEndMs: null,
      lastFailure: 'the volume is full: make room',
    });
    expect(logged.find(({ level }) => level === 'error')?.line).toMatchObject({
      msg: expect.stringContaining('tried again') as string,
      retryInSeconds: 60,
    });
    engine.work = () => Promise.resolve();
    await job.runDue();
    expect(job.status()).toMatchObject({ lastWindowEndMs: Date.UTC(2026, 10, 21), lastFailure: null });
    expect(await files()).toEqual(['2026-11-21T00-00-00Z.json']);
  });

  it('is overdue when a moment passed more than an hour ago', async () => {
    const { job } = await start(failing());
    now += HOUR_MS;
    expect(job.status().overdue).toBe(true);
    now -= 1;
    expect(job.status().overdue).toBe(false);
  });

  it('is overdue also when no run has begun since', async () => {
    const { job } = await start();
    now = Date.UTC(2026, 10, 22, 1, 4);
    expect(job.status()).toMatchObject({ overdue: false, nextRunAtMs: Date.UTC(2026, 10, 23, 0, 5) });
    now += MINUTE_MS;
    expect(job.status().overdue).toBe(true);
  });

  it('does not take a folder that cannot be written for a success', async () => {
    await writeFile(join(dataFolder, 'logs'), 'no folder');
    const { job } = await start();
    expect(job.status().lastFailure).toMatch(/ENOTDIR|EEXIST/);
  });

  it('is tried again by itself, after longer and longer pauses up to a quarter of an hour', async () => {
    const engine = failing();
    const { job } = await start(engine);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    try {
      await job.runDue(); // from now on with timers of the test
      const attempts = (): number => engine.requests.length;
      for (const minutes of [2, 4, 8, 15, 15]) {
        const before = attempts();
        await jest.advanceTimersByTimeAsync(minutes * MINUTE_MS - 1);
        expect(attempts()).toBe(before);
        jest.advanceTimersByTime(1);
        await job.runDue();
        expect(attempts()).toBe(before + 1);
      }
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a drift job that is stopped', () => {
  it('ends a run at once and without a complaint, however long the engine takes', async () => {
    const engine = new Engine();
    engine.work = () => new Promise(() => undefined);
    const { app, job } = await begin(engine);
    while (engine.requests.length === 0) await wait(1);
    expect(job.status().running).toBe(true);
    await app.close();
    expect(job.status()).toMatchObject({ running: false, lastFailure: null });
    expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('does not run again, and leaves no timer behind', async () => {
    const engine = new Engine();
    engine.work = () => Promise.reject(new Error('no'));
    const { app, job } = await start(engine);
    await app.close();
    jest.useFakeTimers();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    const asked = engine.requests.length;
    now += DAY_MS;
    await job.runDue();
    expect(engine.requests).toHaveLength(asked);
  });
});

describe('a drift job among several instances', () => {
  /** The lease as another instance, or this one, has it; each request for it is noted. */
  class Lease implements Leases {
    requests = 0;
    isFree = false;
    /** What comes before the answer. */
    work: () => Promise<void> = () => Promise.resolve();

    async hold(): Promise<boolean> {
      this.requests += 1;
      await this.work();
      return this.isFree;
    }

    releaseAll(): Promise<void> {
      return Promise.resolve();
    }
  }

  const window: DriftRequest = {
    span: { fromMs: Date.UTC(2026, 10, 20), toMs: Date.UTC(2026, 10, 21) },
    trigger: 'schedule',
  };

  it('leaves a window to the one that holds the lease, and shows its report', async () => {
    const { engine, job, reports, metrics } = await begin(new Engine(), {}, new Lease());
    await job.runDue();
    expect(engine.windows).toEqual([]);
    expect(job.status()).toMatchObject({ lastWindowEndMs: null, lastFailure: null, overdue: false });
    await reports.keep(reportOf(window, now));
    await job.runDue();
    expect(engine.windows).toEqual([]);
    expect(job.status()).toMatchObject({ lastWindowEndMs: window.span.toMs, lastSuccessAtMs: now });
    expect(await metrics.format()).toContain('credit_scoring_drift_psi{input="creditLimit"} 0.31\n');
  });

  it('asks for no lease while nothing is due', async () => {
    now -= 1000;
    const lease = new Lease();
    const { job } = await begin(new Engine(), {}, lease);
    await job.runDue();
    expect(lease.requests).toBe(0);
  });

  it('takes over within a quarter of a minute when the lease is free', async () => {
    const lease = new Lease();
    const { engine, job } = await begin(new Engine(), {}, lease);
    await job.runDue();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    try {
      await job.runDue(); // from now on with timers of the test
      lease.isFree = true;
      await jest.advanceTimersByTimeAsync(14_999);
      expect(engine.windows).toEqual([]);
      jest.advanceTimersByTime(1);
      await job.runDue();
      expect(engine.windows).toEqual(['2026-11-21T00:00 schedule']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('makes no report that was kept while it waited for the lease', async () => {
    const lease = new Lease();
    lease.isFree = true;
    const { engine, job, reports } = await begin(new Engine(), {}, lease);
    lease.work = async () => {
      await reports.keep(reportOf(window, now));
    };
    await job.runDue();
    expect(engine.windows).toEqual([]);
    expect(await files()).toEqual(['2026-11-21T00-00-00Z.json']);
  });

  it('renews the lease as long as it computes', async () => {
    const lease = new Lease();
    lease.isFree = true;
    const engine = new Engine();
    let finish = (): void => undefined;
    engine.work = () => new Promise((resolve) => (finish = resolve));
    const { job } = await begin(engine, { DRIFT_CRON: '5 1 * * *' }, lease);
    await job.runDue();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    try {
      now += HOUR_MS;
      const run = job.runDue();
      while (engine.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(lease.requests).toBe(1);
      await jest.advanceTimersByTimeAsync(60_000);
      expect(lease.requests).toBe(4);
      finish();
      await run;
      await jest.advanceTimersByTimeAsync(60_000);
      expect(lease.requests).toBe(4);
    } finally {
      jest.useRealTimers();
    }
  });
});
