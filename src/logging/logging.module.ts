import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './fatal-log-error';
import { FileLogReader } from './file/file-log-reader';
import { FilePredictionLog } from './file/file-prediction-log';
import { PREDICTION_LOG_READER, type PredictionLogReader } from './prediction-log';
import { RecordsController } from './records.controller';
import { RecordsService } from './records.service';

/** The process that decides writes the log, and reads what it wrote; any other only reads. */
async function openLog(
  configuration: Configuration,
  clock: Clock,
  onFatal: OnFatalLogError,
): Promise<PredictionLogReader> {
  const { folder } = configuration.log;
  if (!configuration.roles.includes('api')) return FileLogReader.open({ folder });
  const log = await FilePredictionLog.open({ ...configuration.log, clock, onFatal });
  const { damagedLines } = await log.probe();
  if (damagedLines > 0) {
    new Logger(LoggingModule.name).warn({
      msg: 'damaged lines were set aside: see damaged-lines.ndjson, and look at the disk',
      folder,
      damagedLines,
    });
  }
  return log;
}

/** Keeps every decision, and shows what was kept. */
@Module({
  controllers: [RecordsController],
  providers: [
    {
      provide: PREDICTION_LOG_READER,
      inject: [CONFIGURATION, CLOCK, ON_FATAL_LOG_ERROR],
      useFactory: openLog,
    },
    RecordsService,
  ],
  exports: [PREDICTION_LOG_READER, RecordsService],
})
export class LoggingModule implements OnApplicationShutdown {
  constructor(@Inject(PREDICTION_LOG_READER) private readonly log: PredictionLogReader) {}

  /** After the last answer: writes what waits and lets the folder go. */
  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}
