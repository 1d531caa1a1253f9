import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CLOCK, type Clock } from '../common/clock';
import { SERVICE_VERSION } from '../common/service-version';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { type Database } from '../database/database';
import { DATABASE } from '../database/database.module';
import { WriterLock } from '../logging/file/writer-lock';
import { LoggingModule } from '../logging/logging.module';
import { ActiveModels } from '../model/active-models';
import { ModelModule } from '../model/model.module';
import { ReplayModule } from '../replay/replay.module';
import { ALERT_SINKS, type AlertSink } from './alerts/alert-sinks/alert-sink';
import { openAlertSinks } from './alerts/alert-sinks/open-alert-sinks';
import { ALERT_STORE, type AlertStore } from './alerts/alert-store';
import { AlertWatch } from './alerts/alert-watch';
import { Alerts } from './alerts/alerts';
import { openAlertStore } from './alerts/open-alert-store';
import { DriftJob } from './drift/drift-job';
import { DRIFT_REPORT_STORE } from './drift/drift-report-store';
import { DriftReports } from './drift/drift-reports';
import { openDriftReportStore } from './drift/open-drift-report-store';
import { MONITORING_ENGINE, type MonitoringEngine } from './engine/monitoring-engine';
import { ReadingGauges } from './engine/reading-gauges';
import { ThreadedMonitoringEngine } from './engine/threaded-monitoring-engine';
import { withoutTrees } from './monitored-model';
import { PAGE_CONTROLLERS, PAGE_PROVIDERS } from './pages/page-parts';
import { Vitals } from './vitals/vitals';

/** Injection token of the lock that keeps a second process from writing the same folder; undefined without one. */
const MONITORING_LOCK = Symbol('MonitoringLock');

async function lockFolder({ storage, monitoring }: Configuration): Promise<WriterLock | undefined> {
  switch (storage.kind) {
    case 'file':
      return WriterLock.acquire(monitoring.folder, 'What monitoring keeps');
    case 'postgres':
      return undefined;
  }
}

function startEngine(
  { storage, log, monitoring }: Configuration,
  models: ActiveModels,
  // The folder must be this process's own before the engine writes there.
  _lock: WriterLock | undefined,
): MonitoringEngine {
  const logger = new Logger(MonitoringModule.name);
  const { identity, folder, bundle } = models.champion();
  const { drift, retentionDays } = monitoring;
  return new ThreadedMonitoringEngine(
    {
      model: { identity, folder, bundle: withoutTrees(bundle) },
      storage,
      log: { folder: log.folder },
      monitoring: { folder: monitoring.folder, drift, retentionDays },
    },
    (problem) => {
      if (problem === null) logger.log('monitoring reads the log again');
      else
        logger.error({
          msg: 'monitoring does not work: pages and drift reports stand still',
          reason: problem,
        });
    },
  );
}

function openAlerts(
  configuration: Configuration,
  database: Database | undefined,
  clock: Clock,
  // As with the engine.
  _lock: WriterLock | undefined,
): Promise<AlertStore> {
  return openAlertStore(configuration, database, clock);
}

function openSinks({ monitoring }: Configuration, clock: Clock): readonly AlertSink[] {
  return openAlertSinks(monitoring.alerts, SERVICE_VERSION, clock);
}

/** Watches what was decided: summaries, drift reports, alerts and the pages that show them. */
@Module({
  imports: [ScheduleModule.forRoot(), LoggingModule, ModelModule, ReplayModule],
  controllers: [...PAGE_CONTROLLERS],
  providers: [
    { provide: MONITORING_LOCK, inject: [CONFIGURATION], useFactory: lockFolder },
    {
      provide: MONITORING_ENGINE,
      inject: [CONFIGURATION, ActiveModels, MONITORING_LOCK],
      useFactory: startEngine,
    },
    {
      provide: DRIFT_REPORT_STORE,
      inject: [CONFIGURATION, DATABASE],
      useFactory: openDriftReportStore,
    },
    {
      provide: ALERT_STORE,
      inject: [CONFIGURATION, DATABASE, CLOCK, MONITORING_LOCK],
      useFactory: openAlerts,
    },
    { provide: ALERT_SINKS, inject: [CONFIGURATION, CLOCK], useFactory: openSinks },
    ReadingGauges,
    DriftReports,
    DriftJob,
    Alerts,
    AlertWatch,
    Vitals,
    ...PAGE_PROVIDERS,
  ],
})
export class MonitoringModule implements OnApplicationShutdown {
  constructor(
    @Inject(MONITORING_ENGINE) private readonly engine: MonitoringEngine,
    @Inject(MONITORING_LOCK) private readonly lock: WriterLock | undefined,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
    await this.lock?.release();
  }
}
