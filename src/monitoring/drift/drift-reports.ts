import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { errorCode, syncFolder } from '../../logging/file/segment-files';
import { type DriftReport, type DriftRun } from './drift-report';
import { parseDriftReportId } from './parse-drift-report-id';
import { summarizeDriftReport } from './summarize-drift-report';

const EXTENSION = '.json';

/** Of files that are being written, and of one that a killed process left behind. */
const PART_EXTENSION = '.part';

const DAY_MS = 86_400_000;

/**
 * The drift reports that were made: one JSON file each, `monitoring/drift/<id>.json`.
 *
 * The folder is what counts. Nothing is kept in memory but the lines of the history that were asked for, so that
 * reports of another process, such as `npm run drift -- --keep`, appear by themselves.
 */
@Injectable()
export class DriftReports {
  private readonly logger = new Logger(DriftReports.name);
  private readonly folder: string;
  private readonly retentionMs: number;
  private readonly runs = new Map<string, DriftRun>();
  /** Told once; the file stays for whoever wants to look at it. */
  private readonly damaged = new Set<string>();

  constructor(@Inject(CONFIGURATION) configuration: Configuration) {
    this.folder = join(configuration.monitoring.folder, 'drift');
    this.retentionMs = configuration.monitoring.retentionDays * DAY_MS;
  }

  /** Runs, newest window first. Cost: one look at the folder; a report is read when it is listed the first time. */
  async list(limit: number): Promise<readonly DriftRun[]> {
    const ids = await this.listIds();
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
    for (const id of await this.listIds()) {
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

  /** End of the newest window that the schedule reported, also when its file is damaged; undefined before the first. */
  async newestWindowEndMs(): Promise<number | undefined> {
    for (const id of await this.listIds()) {
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
    await mkdir(this.folder, { recursive: true });
    const part = join(this.folder, `${report.id}.${randomBytes(4).toString('hex')}${PART_EXTENSION}`);
    try {
      await writeDurably(part, JSON.stringify(report));
      // Unlike renaming, linking refuses a name that is taken: the file system decides who was first.
      await link(part, this.pathOf(report.id));
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(part, { force: true });
    }
    await syncFolder(this.folder);
    return true;
  }

  /** Removes reports older than `RETENTION_DAYS`, by the end of their window; those made by hand by when they were made. */
  async removeExpired(nowMs: number): Promise<void> {
    for (const id of await this.listIds()) {
      const name = parseDriftReportId(id);
      if (name && (name.manualAtMs ?? name.windowEndMs) < nowMs - this.retentionMs) {
        await rm(this.pathOf(id), { force: true });
      }
    }
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

  /** Ids of the files that bear one, newest window first. */
  private async listIds(): Promise<readonly string[]> {
    let names: readonly string[];
    try {
      names = await readdir(this.folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
    return names
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length))
      .filter((id) => parseDriftReportId(id))
      .sort()
      .reverse();
  }

  /** @param id one that was parsed */
  private async read(id: string): Promise<DriftReport | undefined> {
    const file = this.pathOf(id);
    try {
      const report: unknown = JSON.parse(await readFile(file, 'utf8'));
      if (isReport(report, id)) return report;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
    }
    this.warnOnce(id, file);
    return undefined;
  }

  private warnOnce(id: string, file: string): void {
    if (this.damaged.has(id)) return;
    this.damaged.add(id);
    this.logger.warn({
      msg: 'a drift report cannot be read and is left out: restore the file from a backup, or remove it and report its window by hand (npm run drift -- --keep)',
      file,
    });
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}${EXTENSION}`);
  }
}

/** Whether a file is what its name says; what is inside a report was written by this service. */
function isReport(value: unknown, id: string): value is DriftReport {
  if (typeof value !== 'object' || value === null) return false;
  const { format, id: ownId, inputs } = value as Partial<Record<keyof DriftReport, unknown>>;
  return format === 'drift-report/1' && ownId === id && Array.isArray(inputs);
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
