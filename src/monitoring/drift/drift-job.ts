import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob, CronTime } from 'cron';
import { CLOCK, type Clock } from '../../common/clock';
import { LEASES, type Leases } from '../../common/leases';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { ServiceMetrics } from '../../metrics/service-metrics';
import { MONITORING_ENGINE, type MonitoringEngine } from '../engine/monitoring-engine';
import { describeDriftRun } from './describe-drift-run';
import { type DriftReport } from './drift-report';
import { DriftReports } from './drift-reports';
import { findNextMoment } from './find-next-moment';
import { type DueWindow, listDueWindows } from './list-due-windows';

/** When drift reports were made and are due. */
export interface DriftJobStatus {
  readonly cron: string;
  readonly windowHours: number;
  readonly running: boolean;
  /** End of the newest reported window; null before the first. */
  readonly lastWindowEndMs: number | null;
  readonly lastSuccessAtMs: number | null;
  readonly nextRunAtMs: number;
  /** Whether a window is unreported although its moment passed more than an hour ago. */
  readonly overdue: boolean;
  /** Why the last run failed; null after a success. */
  readonly lastFailure: string | null;
}

/** Name of the cron job in Nest's registry. */
const JOB_NAME = 'drift';

/** After a longer standstill nobody reads the oldest reports, and making them all would delay the newest. */
const MOST_MISSED_WINDOWS = 31;

/** A window is the schedule's own for as long after its moment; later it is caught up on, and overdue. */
const PUNCTUAL_MS = 3_600_000;

/** A failure that lasts, such as a full disk, is met a few times an hour, and one that passes within minutes. */
const RETRY_MS = { first: 60_000, longest: 15 * 60_000 } as const;

/** A report takes seconds; a process that was killed is stood in for after this time. */
const LEASE_MS = 60_000;

/** Renewed so often that two renewals in a row may fail. */
const RENEW_LEASE_MS = 20_000;

/** While another process makes the report: it is shown, or made in its stead, so much later. */
const LOOK_AGAIN_MS = 15_000;

/**
 * Makes drift reports at the times of `DRIFT_CRON` (UTC), and at the start those that were missed, oldest first.
 *
 * A window is reported once, however often and wherever this runs: the first report of it is kept, and only the
 * process that holds the lease begins one. Whatever fails is logged, shown in `status` and tried again; it never ends
 * the process.
 */
@Injectable()
export class DriftJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(DriftJob.name);
  private readonly settings: Configuration['monitoring']['drift'];
  private readonly cron: CronTime;
  private readonly stop = new AbortController();
  private readonly stopped: Promise<never>;
  private run: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private lastFailure: string | null = null;
  private lastWindowEndMs: number | null = null;
  private firstRecordAtMs: number | null = null;
  private lastReport: Pick<DriftReport, 'id' | 'createdAt'> | undefined;
  /** When the oldest unreported window was, or will be, due; null while the log is empty. */
  private oldestDueMs: number | null = null;
  private nextRun = { fromMs: Infinity, atMs: -Infinity };

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(MONITORING_ENGINE) private readonly engine: MonitoringEngine,
    private readonly reports: DriftReports,
    private readonly metrics: ServiceMetrics,
    private readonly scheduler: SchedulerRegistry,
    @Inject(LEASES) private readonly leases: Leases,
  ) {
    this.settings = configuration.monitoring.drift;
    this.cron = new CronTime(this.settings.cron, 'UTC');
    this.stopped = new Promise((_resolve, reject) => {
      this.stop.signal.addEventListener('abort', () => {
        reject(new Error('The drift job was stopped'));
      });
    });
    this.stopped.catch(() => undefined); // without a run nobody waits for it
  }

  /** Starts without delaying the start of the service. */
  onApplicationBootstrap(): void {
    const job = CronJob.from({
      cronTime: this.settings.cron,
      timeZone: 'UTC',
      onTick: () => {
        void this.runDue();
      },
      start: true,
      unrefTimeout: true,
      // A moment that a busy process notices late is not to be left out.
      threshold: Infinity,
    });
    this.scheduler.addCronJob(JOB_NAME, job);
    void this.runDue();
  }

  /** Ends a run at once; a report that is being written is written to its end. */
  async onModuleDestroy(): Promise<void> {
    this.stop.abort();
    clearTimeout(this.retry);
    if (this.scheduler.doesExist('cron', JOB_NAME)) this.scheduler.deleteCronJob(JOB_NAME);
    await this.run;
  }

  /** Makes all reports that are due; joins the run that is under way. Never fails: see `status`. */
  runDue(): Promise<void> {
    this.run ??= this.makeDueReports().finally(() => {
      this.run = undefined;
    });
    return this.run;
  }

  /** How the job stands; cheap enough to be asked at every look. */
  status(): DriftJobStatus {
    const nowMs = this.clock();
    return {
      cron: this.settings.cron,
      windowHours: this.settings.windowHours,
      running: this.run !== undefined,
      lastWindowEndMs: this.lastWindowEndMs,
      lastSuccessAtMs: this.lastReport ? Date.parse(this.lastReport.createdAt) : null,
      nextRunAtMs: this.findNextRun(nowMs),
      overdue: this.oldestDueMs !== null && nowMs - this.oldestDueMs >= PUNCTUAL_MS,
      lastFailure: this.lastFailure,
    };
  }

  private async makeDueReports(): Promise<void> {
    clearTimeout(this.retry);
    try {
      for (;;) {
        this.stop.signal.throwIfAborted();
        await this.lookAtReports();
        if (this.lastWindowEndMs === null) await this.lookAtLog();
        const oldest = this.findOldestDue(this.clock());
        if (oldest === undefined) break;
        if (!(await this.leases.hold('drift-reports', LEASE_MS))) {
          this.runLater(LOOK_AGAIN_MS);
          break;
        }
        await this.makeReport(oldest);
      }
      this.failures = 0;
      this.lastFailure = null;
    } catch (error) {
      if (!this.stop.signal.aborted) this.noteFailure(error);
    }
  }

  /** Another process may have made reports, and so did an earlier start of this one. */
  private async lookAtReports(): Promise<void> {
    const newestMs = await this.reports.newestWindowEndMs();
    if (newestMs !== undefined) this.lastWindowEndMs = Math.max(newestMs, this.lastWindowEndMs ?? newestMs);
    const latest = await this.reports.latest();
    if (latest === undefined || latest.id === this.lastReport?.id) return;
    this.lastReport = { id: latest.id, createdAt: latest.createdAt };
    this.metrics.setDrift(
      latest.inputs.map(({ name, verdict, psi, adjustedPValue, productionRows }) => ({
        name,
        verdict,
        psi: productionRows > 0 ? psi.value : undefined,
        adjustedPValue: adjustedPValue ?? undefined,
      })),
      latest.rows,
      Date.parse(latest.window.to) / 1000,
    );
    this.metrics.setJobSuccess(Date.parse(latest.createdAt) / 1000);
  }

  /** Without any report the first window is that of the first record. */
  private async lookAtLog(): Promise<void> {
    await this.unlessStopped(this.engine.catchUp());
    this.firstRecordAtMs = (await this.unlessStopped(this.engine.state())).firstRecordAtMs;
  }

  private findOldestDue(nowMs: number): DueWindow | undefined {
    const sinceMs = this.lastWindowEndMs ?? this.firstRecordAtMs;
    if (sinceMs === null) return undefined;
    const { windowHours } = this.settings;
    const [oldest] = listDueWindows({
      cron: this.cron,
      windowHours,
      sinceMs,
      nowMs,
      most: MOST_MISSED_WINDOWS,
    });
    this.oldestDueMs = oldest?.momentMs ?? this.findNextRun(nowMs);
    return oldest;
  }

  /** Remembered until it has come, because it is asked for often. */
  private findNextRun(nowMs: number): number {
    if (nowMs < this.nextRun.fromMs || nowMs >= this.nextRun.atMs) {
      this.nextRun = { fromMs: nowMs, atMs: findNextMoment(this.cron, nowMs) };
    }
    return this.nextRun.atMs;
  }

  private async makeReport({ span, momentMs }: DueWindow): Promise<void> {
    // Whoever held the lease before may have made it since this process looked.
    const newestMs = await this.reports.newestWindowEndMs();
    if (newestMs !== undefined && newestMs >= span.toMs) return;
    const renewal = setInterval(() => {
      // Lost, it is no reason to end: of two reports of a window only the first is kept.
      void this.leases.hold('drift-reports', LEASE_MS);
    }, RENEW_LEASE_MS).unref();
    try {
      await this.unlessStopped(this.engine.catchUp());
      const trigger = this.clock() - momentMs < PUNCTUAL_MS ? 'schedule' : 'catch-up';
      const report = await this.unlessStopped(this.engine.reportDrift({ span, trigger }));
      if (await this.reports.keep(report)) this.tell(report);
      this.lastWindowEndMs = span.toMs;
      await this.reports.removeExpired(this.clock());
    } finally {
      clearInterval(renewal);
    }
  }

  private tell(report: DriftReport): void {
    const line = describeDriftRun(report);
    if (report.verdict === 'stable') this.logger.log(line);
    else this.logger.warn(line);
  }

  private noteFailure(error: unknown): void {
    const retryInMs = Math.min(RETRY_MS.first * 2 ** this.failures, RETRY_MS.longest);
    this.failures += 1;
    this.lastFailure = error instanceof Error ? error.message : String(error);
    this.logger.error({
      msg: 'drift report failed: it is tried again by itself; when it keeps failing, remove the cause that err names',
      retryInSeconds: retryInMs / 1000,
      failures: this.failures,
      err: error,
    });
    this.runLater(retryInMs);
  }

  private runLater(milliseconds: number): void {
    if (this.stop.signal.aborted) return;
    this.retry = setTimeout(() => {
      void this.runDue();
    }, milliseconds).unref();
  }

  /** The engine may take long, and what it answers after the end is of no use. */
  private unlessStopped<T>(work: Promise<T>): Promise<T> {
    return Promise.race([this.stopped, work]);
  }
}
