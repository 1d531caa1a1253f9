import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { WriterLock } from '../logging/file/writer-lock';
import { LoggingModule } from '../logging/logging.module';
import { ActiveModels } from '../model/active-models';
import { ModelModule } from '../model/model.module';
import { ReplayModule } from '../replay/replay.module';
import { MONITORING_ENGINE, type MonitoringEngine } from './engine/monitoring-engine';
import { ThreadedMonitoringEngine } from './engine/threaded-monitoring-engine';

/** Injection token of the lock that keeps a second process from watching the same log. */
const MONITORING_LOCK = Symbol('MonitoringLock');

function lockFolder({ monitoring }: Configuration): Promise<WriterLock> {
  return WriterLock.acquire(monitoring.folder, 'What monitoring keeps');
}

function startEngine(
  { log, monitoring }: Configuration,
  models: ActiveModels,
  // The folder must be this process's own before the engine writes there.
  _lock: WriterLock,
): MonitoringEngine {
  const logger = new Logger(MonitoringModule.name);
  const { identity, folder, bundle } = models.champion();
  const { forest: _trees, ...monitored } = bundle;
  const { drift, retentionDays } = monitoring;
  return new ThreadedMonitoringEngine(
    {
      model: { identity, folder, bundle: monitored },
      logFolder: log.folder,
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

/** Watches what was decided: summaries, drift reports, alerts and the pages that show them. */
@Module({
  imports: [LoggingModule, ModelModule, ReplayModule],
  providers: [
    { provide: MONITORING_LOCK, inject: [CONFIGURATION], useFactory: lockFolder },
    {
      provide: MONITORING_ENGINE,
      inject: [CONFIGURATION, ActiveModels, MONITORING_LOCK],
      useFactory: startEngine,
    },
  ],
  exports: [MONITORING_ENGINE],
})
export class MonitoringModule implements OnApplicationShutdown {
  constructor(
    @Inject(MONITORING_ENGINE) private readonly engine: MonitoringEngine,
    @Inject(MONITORING_LOCK) private readonly lock: WriterLock,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
    await this.lock.release();
  }
}
