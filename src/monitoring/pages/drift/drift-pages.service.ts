import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock';
import { ProblemException } from '../../../common/http/problem';
import { ActiveModels } from '../../../model/active-models';
import { DriftJob } from '../../drift/drift-job';
import { type DriftReport, type DriftRun } from '../../drift/drift-report';
import { DriftReports } from '../../drift/drift-reports';
import { type DriftData, type DriftInputData, type DriftPoint } from './drift-data';
import { listTrendRuns } from './list-trend-runs';

/** A month of days: more makes neither a trend nor a list easier to read. */
const MOST_RUNS = 30;

/** Name of the model's own answer among the subjects of a report. */
const PROBABILITY = 'probability';

/** Gathers what the pages of drift show. */
@Injectable()
export class DriftPagesService {
  constructor(
    private readonly reports: DriftReports,
    private readonly job: DriftJob,
    private readonly models: ActiveModels,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param reportId the report to show; the latest of the schedule when undefined
   * @throws {ProblemException} 404 when there is no such report
   */
  async collect(reportId: string | undefined): Promise<DriftData> {
    const latest = await this.reports.latest();
    return {
      nowMs: this.clock(),
      report: await this.choose(reportId, latest),
      latestId: latest?.id ?? null,
      runs: await this.reports.list(MOST_RUNS),
      job: this.job.status(),
      model: this.models.champion().identity,
    };
  }

  /**
   * @param name of an input, a protected attribute, or `probability`
   * @throws {ProblemException} 404 when there is no such report, or nothing of that name in it
   *
   * Cost: one report read for each run of the history, at most 30.
   */
  async collectInput(name: string, reportId: string | undefined): Promise<DriftInputData> {
    const { bundle } = this.models.champion();
    const latest = await this.reports.latest();
    const report = await this.choose(reportId, latest);
    const subject = report?.inputs.find((input) => input.name === name) ?? null;
    const protectedInput = bundle.protectedInputs.find((input) => input.name === name);
    const definition = protectedInput ?? bundle.inputs.find((input) => input.name === name) ?? null;
    const known = subject !== null || (report === null && (definition !== null || name === PROBABILITY));
    if (!known) throw new ProblemException('not-found', 'The report has no input of this name.');
    return {
      name,
      definition,
      protected: protectedInput !== undefined,
      report: report && withoutInputs(report),
      latestId: latest?.id ?? null,
      subject,
      history: report ? await this.readHistory(name, report) : [],
    };
  }

  private async choose(id: string | undefined, latest: DriftReport | undefined): Promise<DriftReport | null> {
    if (id === undefined || id === latest?.id) return latest ?? null;
    const report = await this.reports.find(id);
    if (report) return report;
    throw new ProblemException(
      'not-found',
      'There is no drift report of this id; the oldest are removed after RETENTION_DAYS.',
    );
  }

  private async readHistory(name: string, shown: DriftReport): Promise<readonly DriftPoint[]> {
    const points: DriftPoint[] = [];
    for (const run of listTrendRuns(await this.reports.list(MOST_RUNS), shown.model.sha256)) {
      const report = run.id === shown.id ? shown : await this.reports.find(run.id);
      if (report) points.push(...pick(report, run, name));
    }
    return points;
  }
}

function withoutInputs(report: DriftReport): Omit<DriftReport, 'inputs'> {
  const { format, id, trigger, window, createdAt, durationMs, model, verdict } = report;
  const { rows, referenceRows, reservoir, damagedLines, thresholds } = report;
  return {
    format,
    id,
    trigger,
    window,
    createdAt,
    durationMs,
    model,
    verdict,
    rows,
    referenceRows,
    reservoir,
    damagedLines,
    thresholds,
  };
}

/** One point, or none when the run did not look at that input. */
function pick(report: DriftReport, { id, window }: DriftRun, name: string): readonly DriftPoint[] {
  return report.inputs
    .filter((input) => input.name === name)
    .map(({ verdict, severity, psi, kolmogorovSmirnov, adjustedPValue, productionRows }) => ({
      id,
      window,
      verdict,
      severity,
      psi,
      kolmogorovSmirnov,
      adjustedPValue,
      rows: productionRows,
    }));
}
