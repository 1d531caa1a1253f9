import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './fatal-log-error';
import { FilePredictionLog } from './file/file-prediction-log';
import { PREDICTION_LOG, type PredictionLog } from './prediction-log';
import { RecordsController } from './records.controller';
import { RecordsService } from './records.service';

/** Keeps every decision, and shows what was kept. */
@Module({
  controllers: [RecordsController],
  providers: [
    {
      provide: PREDICTION_LOG,
      inject: [CONFIGURATION, CLOCK, ON_FATAL_LOG_ERROR],
      useFactory: (
        configuration: Configuration,
        clock: Clock,
        onFatal: OnFatalLogError,
      ): Promise<PredictionLog> => FilePredictionLog.open({ ...configuration.log, clock, onFatal }),
    },
    RecordsService,
  ],
  exports: [PREDICTION_LOG, RecordsService],
})
export class LoggingModule implements OnApplicationShutdown {
  constructor(@Inject(PREDICTION_LOG) private readonly log: PredictionLog) {}

  /** After the last answer: writes what waits and lets the folder go. */
  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}
