import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../common/clock';
import { CONFIGURATION, type Configuration } from '../../../config/configuration';
import { type LogOutage } from '../../../logging/log-outage';
import { LogWatch } from '../../../logging/log-watch';
import { LogUnavailableError } from '../../../logging/prediction-log';
import { ActiveModels } from '../../../model/active-models';
import { Alerts } from '../../alerts/alerts';
import { DriftJob } from '../../drift/drift-job';
import { type DriftReport } from '../../drift/drift-report';
import { DriftReports } from '../../drift/drift-reports';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../engine/monitoring-engine';
import { Vitals } from '../../vitals/vitals';
import { type Span } from '../../span';
import { chooseSpan } from './choose-span';
import { type DriftSummary, type OverviewData } from './overview-data';
import { type Period } from './overview.query';
import { thinVitals } from './thin-vitals';

/** Gathers what the overview shows. */
@Injectable()
export class OverviewService {
  private readonly logger = new Logger(OverviewService.name);

  constructor(
    @Inject(MONITORING_ENGINE) private readonly engine: MonitoringEngine,
    private readonly reports: DriftReports,
    private readonly job: DriftJob,
    private readonly alerts: Alerts,
    private readonly vitals: Vitals,
    private readonly models: ActiveModels,
    private readonly logWatch: LogWatch,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {ProblemException} 400 when the query names no span */
  async collect(query: {
    readonly period?: Period;
    readonly from?: string;
    readonly to?: string;
  }): Promise<OverviewData> {
    const nowMs = this.clock();
    const chosen = chooseSpan(query, nowMs);
    const { identity, bundle } = this.models.champion();
    const { errorRate, latencyP95Ms } = this.configuration.monitoring.alerts;
    const latest = await this.readLatest();
    await this.alerts.refresh();
    const figures = await this.readEngine(chosen.span);
    return {
      nowMs,
      period: chosen.period,
      ...figures,
      // What was found of another model says nothing about the one that decides now.
      drift: latest?.model.sha256 === identity.sha256 ? summarise(latest) : null,
      driftReadable: latest !== null,
      outages: this.listOutages(figures.span),
      driftJob: this.job.status(),
      alerts: this.alerts.list().filter((alert) => alert.state !== 'closed'),
      vitals: thinVitals(this.vitals.recent()),
      thresholds: { errorRate, latencyP95Ms },
      model: identity,
      bands: bundle.policy.bands,
    };
  }

  /** @returns undefined before the first; null while reports cannot be read, which the page says */
  private async readLatest(): Promise<DriftReport | undefined | null> {
    try {
      return await this.reports.latest();
    } catch (error) {
      if (error instanceof LogUnavailableError) return null;
      throw error;
    }
  }

  /** The one under way is told whatever span is shown. */
  private listOutages({ fromMs, toMs }: Span): readonly LogOutage[] {
    const { current } = this.logWatch;
    const ofSpan = this.logWatch.outagesBetween(fromMs, toMs);
    return current === undefined || ofSpan.includes(current) ? ofSpan : [...ofSpan, current];
  }

  /** A page that says what fails is worth more than none: the engine's errors are shown, not thrown. */
  private async readEngine(
    asked: Span,
  ): Promise<Pick<OverviewData, 'span' | 'traffic' | 'previous' | 'reading'>> {
    try {
      const [reading, traffic] = await Promise.all([this.engine.state(), this.engine.traffic(asked)]);
      // The engine widens a span to the steps it keeps: what is shown must be what was counted.
      const { span } = traffic;
      const fromMs = span.fromMs - (span.toMs - span.fromMs);
      const before = await this.engine.traffic({ fromMs, toMs: span.fromMs });
      const { firstRecordAtMs } = reading;
      const covered = firstRecordAtMs !== null && firstRecordAtMs <= fromMs;
      const previous = covered ? { span: before.span, totals: before.totals } : null;
      return { span, reading, traffic, previous };
    } catch (error) {
      this.logger.error({
        msg: 'the overview has no figures: the monitoring engine did not answer',
        err: error,
      });
      return { span: asked, reading: null, traffic: null, previous: null };
    }
  }
}

function summarise(report: DriftReport): DriftSummary {
  const { id, verdict, window, createdAt, rows, thresholds, inputs } = report;
  return {
    id,
    verdict,
    window,
    createdAt,
    rows,
    thresholds,
    inputs: inputs.length,
    drifted: inputs
      .filter((input) => input.verdict === 'drifted')
      .map((input) => ({ name: input.name, severity: input.severity, psi: input.psi.value })),
  };
}
