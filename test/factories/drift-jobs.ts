import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type INestApplicationContext, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { CLOCK, type Clock } from '../../src/common/clock';
import { LEASES, SOLE_HOLDER } from '../../src/common/leases';
import { CONFIGURATION } from '../../src/config/configuration';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { ServiceMetrics } from '../../src/metrics/service-metrics';
import { DriftJob } from '../../src/monitoring/drift/drift-job';
import { type DriftReport } from '../../src/monitoring/drift/drift-report';
import { DRIFT_REPORT_STORE } from '../../src/monitoring/drift/drift-report-store';
import { DriftReports } from '../../src/monitoring/drift/drift-reports';
import { FileDriftReportStore } from '../../src/monitoring/drift/file-drift-report-store';
import { nameDriftReport } from '../../src/monitoring/drift/name-drift-report';
import { type DriftRequest, MONITORING_ENGINE } from '../../src/monitoring/engine/monitoring-engine';
import { someReport } from './drift-report';
import { fakeEngine, someFoldState } from './monitoring-engine';

const HOUR_MS = 3_600_000;

/** The engine's calls, in order; each test says what it answers. */
export class Engine {
  readonly calls: string[] = [];
  readonly requests: DriftRequest[] = [];
  firstRecordAtMs: number | null = Date.UTC(2026, 10, 20, 10);
  verdict: DriftReport['verdict'] = 'stable';
  /** What comes before the answer. */
  work: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly clock: Clock) {}

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
      return reportOf(request, this.clock(), this.verdict);
    },
  });

  /** Ends of the windows that were asked for, and why. */
  get windows(): readonly string[] {
    return this.requests.map(
      ({ span, trigger }) => `${new Date(span.toMs).toISOString().slice(0, 16)} ${trigger}`,
    );
  }
}

/** The report that answers a request. */
export function reportOf(
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

/** A folder for the reports of drift jobs, each in a Nest application, and the clock of them all. */
export class DriftJobs {
  now = Date.UTC(2026, 10, 21, 0, 5);
  /** Lines of the jobs themselves; Nest writes texts. */
  readonly logged: { level: string; line: Readonly<Record<string, unknown>> }[] = [];
  private readonly instances: Instance[] = [];

  /** @param dataFolder what `DATA_DIR` names */
  private constructor(readonly dataFolder: string) {}

  /** Takes over the application log until it is removed. */
  static async make(): Promise<DriftJobs> {
    const jobs = new DriftJobs(await mkdtemp(join(tmpdir(), 'drift-job-')));
    const keep = (level: string) => (line: unknown) => {
      if (typeof line === 'object')
        jobs.logged.push({ level, line: line as Readonly<Record<string, unknown>> });
    };
    Logger.overrideLogger({ log: keep('log'), warn: keep('warn'), error: keep('error') });
    return jobs;
  }

  /** An engine on the clock of the jobs. */
  engine(): Engine {
    return new Engine(() => this.now);
  }

  /** Starts the job, and waits until it has done what was due. */
  async start(engine = this.engine(), settings: Readonly<Record<string, string>> = {}): Promise<Instance> {
    const instance = await this.begin(engine, settings);
    await instance.job.runDue();
    return instance;
  }

  /** Starts the job; it may still be at what was due. */
  async begin(
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
        { provide: CONFIGURATION, useValue: parseConfiguration({ DATA_DIR: this.dataFolder, ...settings }) },
        { provide: CLOCK, useValue: () => this.now },
        { provide: MONITORING_ENGINE, useValue: engine.port },
        { provide: DRIFT_REPORT_STORE, useValue: new FileDriftReportStore(this.reportsFolder) },
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
    this.instances.push(instance);
    return instance;
  }

  /** Names of the reports that were kept. */
  files(): Promise<string[]> {
    return readdir(this.reportsFolder);
  }

  private get reportsFolder(): string {
    return join(this.dataFolder, 'logs', 'monitoring', 'drift');
  }

  /** Stops all instances, and leaves nothing behind. */
  async remove(): Promise<void> {
    for (const { app } of this.instances) await app.close();
    Logger.overrideLogger(false);
    await rm(this.dataFolder, { recursive: true });
  }
}
