import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './fatal-log-error';
import { FileLogReader } from './file/file-log-reader';
import { FilePredictionLog } from './file/file-prediction-log';
import { PREDICTION_LOG_READER, type PredictionLogReader } from './prediction-log';
import { RecordsController } from './records.controller';
import { RecordsService } from './records.service';

/** Clocks of machines that are set by the network differ by less. */
const MOST_AHEAD_MS = 60_000;

/** The process that decides writes the log, and reads what it wrote; any other only reads. */
async function openLog(
  configuration: Configuration,
  clock: Clock,
  onFatal: OnFatalLogError,
): Promise<PredictionLogReader> {
  const { folder } = configuration.log;
  if (!configuration.roles.includes('api')) return FileLogReader.open({ folder });
  const log = await FilePredictionLog.open({ ...configuration.log, clock, onFatal });
  const logger = new Logger(LoggingModule.name);
  const { damagedLines } = await log.probe();
  const newest = (await log.read({ order: 'newest-first', limit: 1 })).records[0];
  if (newest !== undefined && Date.parse(newest.at) > clock() + MOST_AHEAD_MS) {
    logger.warn({
      msg: 'the newest record is from the future: new ones take its time until the clock has caught up, and pages and alerts about the last minutes miss them. Check the clock of this machine',
      newestRecordAt: newest.at,
    });
  }
  if (damagedLines > 0) {
    logger.warn({
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
