import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { type DriftReport, type DriftRun } from './drift-report';
import { DRIFT_REPORT_STORE, type DriftReportStore } from './drift-report-store';
import { parseDriftReportId } from './parse-drift-report-id';
import { summarizeDriftReport } from './summarize-drift-report';

const DAY_MS = 86_400_000;

/**
 * The drift reports that were made.
 *
 * The store is what counts. Nothing is kept in memory but the lines of the history that were asked for, so that
 * reports of another process, such as `npm run drift -- --keep`, appear by themselves.
 */
@Injectable()
export class DriftReports {
  private readonly logger = new Logger(DriftReports.name);
  private readonly retentionMs: number;
  private readonly runs = new Map<string, DriftRun>();
  /** Told once; it stays for whoever wants to look at it. */
  private readonly damaged = new Set<string>();

  constructor(
    @Inject(DRIFT_REPORT_STORE) private readonly store: DriftReportStore,
    @Inject(CONFIGURATION) { monitoring }: Pick<Configuration, 'monitoring'>,
  ) {
    this.retentionMs = monitoring.retentionDays * DAY_MS;
  }

  /** Runs, newest window first. Cost: one look at the store; a report is read when it is listed the first time. */
  async list(limit: number): Promise<readonly DriftRun[]> {
    const ids = await this.store.listIds();
    const runs: DriftRun[] = [];
    for (const id of ids) {
      if (runs.length >= limit) break;
      const run = await this.findRun(id);
      if (run) runs.push(run);
    }
    this.forgetAllBut(ids);
    return runs;
  }

  /** The report of the newest window made by the schedule; undefined before the first. */
  async latest(): Promise<DriftReport | undefined> {
    for (const id of await this.store.listIds()) {
      if (parseDriftReportId(id)?.manualAtMs !== null) continue;
      const report = await this.read(id);
      if (report) return report;
    }
    return undefined;
  }

  /** A report by its id; undefined when there is none. */
  async find(id: string): Promise<DriftReport | undefined> {
    return parseDriftReportId(id) && this.read(id);
  }

  /** End of the newest window that the schedule reported, also when it is damaged; undefined before the first. */
  async newestWindowEndMs(): Promise<number | undefined> {
    for (const id of await this.store.listIds()) {
      const name = parseDriftReportId(id);
      if (name?.manualAtMs === null) return name.windowEndMs;
    }
    return undefined;
  }

  /**
   * Keeps a report, whole or not at all, whatever happens to this process or the power.
   *
   * @returns false when there is a report of this id already; that one stays as it is
   */
  async keep(report: DriftReport): Promise<boolean> {
    if (!parseDriftReportId(report.id)) throw new RangeError('DriftReports: the id is not that of a report');
    return this.store.keep(report);
  }

  /** Removes reports older than `RETENTION_DAYS`, by the end of their window; those made by hand by when they were made. */
  async removeExpired(nowMs: number): Promise<void> {
    const expired = (await this.store.listIds()).filter((id) => {
      const name = parseDriftReportId(id);
      return name && (name.manualAtMs ?? name.windowEndMs) < nowMs - this.retentionMs;
    });
    await this.store.remove(expired);
  }

  private async findRun(id: string): Promise<DriftRun | undefined> {
    const known = this.runs.get(id);
    if (known) return known;
    const report = await this.read(id);
    if (!report) return undefined;
    const run = summarizeDriftReport(report);
    this.runs.set(id, run);
    return run;
  }

  /** Removed reports must not stay in memory. */
  private forgetAllBut(ids: readonly string[]): void {
    const present: ReadonlySet<string> = new Set(ids);
    for (const id of this.runs.keys()) if (!present.has(id)) this.runs.delete(id);
  }

  /** @param id one that was parsed */
  private async read(id: string): Promise<DriftReport | undefined> {
    const text = await this.store.read(id);
    if (text === undefined) return undefined;
    const report = parseReport(text, id);
    if (report === undefined) this.warnOnce(id);
    return report;
  }

  private warnOnce(id: string): void {
    if (this.damaged.has(id)) return;
    this.damaged.add(id);
    this.logger.warn({
      msg: 'a drift report cannot be read and is left out: restore it from a backup, or remove it and report its window by hand (npm run drift -- --keep)',
      report: this.store.locate(id),
    });
  }
}

/** Undefined when it is not what its name says; what is inside a report was written by this service. */
function parseReport(text: string, id: string): DriftReport | undefined {
  try {
    const value = JSON.parse(text) as Partial<DriftReport> | null;
    const isWhole = value?.format === 'drift-report/1' && value.id === id && Array.isArray(value.inputs);
    return isWhole ? (value as DriftReport) : undefined;
  } catch {
    return undefined;
  }
}
