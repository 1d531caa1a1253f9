import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { LogWatch } from '../../logging/log-watch';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../../logging/prediction-log';
import { DriftJob } from '../drift/drift-job';
import { DriftReports } from '../drift/drift-reports';
import { MONITORING_ENGINE, type MonitoringEngine } from '../engine/monitoring-engine';
import { Alerts } from './alerts';
import { findAlertCauses, OUTAGE_NEWS_MINUTES, TRAFFIC_WINDOW_MINUTES } from './find-alert-causes';

const MINUTE_MS = 60_000;

/**
 * Looks every minute whether something is wrong, in one process of those that share a store. A look that fails in
 * part goes on with the rest.
 */
@Injectable()
export class AlertWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AlertWatch.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private watchingSinceMs = 0;
  /** What could not be asked at the last look, so that it is logged once. */
  private unanswered = new Set<string>();

  constructor(
    private readonly alerts: Alerts,
    private readonly reports: DriftReports,
    private readonly job: DriftJob,
    @Inject(MONITORING_ENGINE) private readonly engine: MonitoringEngine,
    @Inject(PREDICTION_LOG_READER) private readonly log: PredictionLogReader,
    private readonly logWatch: LogWatch,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The start does not wait for the first look. */
  onApplicationBootstrap(): void {
    this.watchingSinceMs = this.clock();
    this.timer = setInterval(() => void this.look(), MINUTE_MS).unref();
    void this.look();
  }

  /** Does not wait for a look under way: alerts take nothing over any more once they are closed. */
  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** One look; a call while one is under way shares it. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => {
        this.logger.error({ msg: 'a look for alerts failed: the next one is in a minute', err: error });
      })
      .finally(() => {
        this.looking = undefined;
      });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    if (!(await this.alerts.holdLease())) return;
    const nowMs = this.clock();
    const unanswered = new Set<string>();
    const ask = async <T>(whom: string, question: () => T | Promise<T>): Promise<T | undefined> => {
      try {
        return await question();
      } catch (error) {
        unanswered.add(whom);
        if (!this.unanswered.has(whom) && this.timer !== undefined) {
          this.logger.warn({ msg: `${whom} did not answer: its alerts stay as they are`, err: error });
        }
        return undefined;
      }
    };

    const fold = await ask('the monitoring engine', () => this.engine.state());
    const recent = { fromMs: nowMs - TRAFFIC_WINDOW_MINUTES * MINUTE_MS, toMs: nowMs };
    const traffic =
      fold?.caughtUp === true
        ? await ask('the traffic summary', () => this.engine.traffic(recent))
        : undefined;
    const report = await ask('the drift reports', async () => (await this.reports.latest()) ?? null);
    const job = await ask('the drift job', () => this.job.status());
    const log = await ask('the prediction log', () => this.log.probe());
    this.unanswered = unanswered;

    // Not before it has caught up: until then its count is only part of what it was before.
    const met = fold?.caughtUp === true ? fold.damagedLines : undefined;
    const unacknowledgedDamagedLines = await this.alerts.countDamagedLines(met, log?.damagedLines ?? 0);
    const { watchingSinceMs } = this;
    const evidence = {
      nowMs,
      watchingSinceMs,
      fold,
      outages: this.logWatch.outagesBetween(nowMs - OUTAGE_NEWS_MINUTES * MINUTE_MS, nowMs),
      traffic: traffic?.totals,
      report,
      job,
      unacknowledgedDamagedLines,
    };
    await this.alerts.observe(findAlertCauses(evidence, this.configuration.monitoring.alerts));
  }
}
