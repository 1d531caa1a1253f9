import { Inject, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration, decides } from '../config/configuration';
import { type Database } from '../database/database';
import { DATABASE } from '../database/database.module';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './fatal-log-error';
import { FileLogReader } from './file/file-log-reader';
import { FilePredictionLog } from './file/file-prediction-log';
import { findVolumeProblem } from './file/find-volume-problem';
import { LogWatch } from './log-watch';
import { PREDICTION_LOG_READER, type PredictionLogReader } from './prediction-log';
import { RecordsController } from './records.controller';
import { RecordsService } from './records.service';

/** Clocks of machines that are set by the network differ by less. */
const MOST_AHEAD_MS = 60_000;

/**
 * The process that decides writes the log, and reads what it wrote; any other only reads. A new kind of storage does
 * not compile until it is handled.
 */
async function openLog(
  configuration: Configuration,
  clock: Clock,
  onFatal: OnFatalLogError,
  database: Database | undefined,
): Promise<PredictionLogReader> {
  const { storage } = configuration;
  switch (storage.kind) {
    case 'file':
      return openFiles(configuration, clock, onFatal);
    case 'postgres': {
      if (database === undefined)
        throw new Error('STORAGE is postgres, but DatabaseModule opened no database');
      const { openPostgresLog } = await import('./postgres/open-postgres-log');
      const log = await openPostgresLog({ database, clock, writes: decides(configuration.roles) });
      await warnOfFuture(log, clock);
      return log;
    }
  }
}

async function openFiles(
  configuration: Configuration,
  clock: Clock,
  onFatal: OnFatalLogError,
): Promise<PredictionLogReader> {
  const { folder } = configuration.log;
  if (!decides(configuration.roles)) return FileLogReader.open({ folder });
  const log = await FilePredictionLog.open({ ...configuration.log, clock, onFatal });
  await warnOfFuture(log, clock);
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

function watchLog(
  { storage, roles, log: { folder } }: Configuration,
  log: PredictionLogReader,
  clock: Clock,
): LogWatch {
  const onlyReadsFiles = storage.kind === 'file' && !decides(roles);
  return new LogWatch(log, clock, onlyReadsFiles ? () => findVolumeProblem(folder) : undefined);
}

/** Stops no start: a log that cannot be read is told of by `LogWatch`. */
async function warnOfFuture(log: PredictionLogReader, clock: Clock): Promise<void> {
  const page = await log.read({ order: 'newest-first', limit: 1 }).catch(() => undefined);
  const newest = page?.records[0];
  if (newest !== undefined && Date.parse(newest.at) > clock() + MOST_AHEAD_MS) {
    new Logger(LoggingModule.name).warn({
      msg: 'the newest record is from the future: new ones take its time until the clock has caught up, and pages and alerts about the last minutes miss them. Check the clock of this machine',
      newestRecordAt: newest.at,
    });
  }
}

/** Keeps every decision, and shows what was kept. */
@Module({
  controllers: [RecordsController],
  providers: [
    {
      provide: PREDICTION_LOG_READER,
      inject: [CONFIGURATION, CLOCK, ON_FATAL_LOG_ERROR, DATABASE],
      useFactory: openLog,
    },
    { provide: LogWatch, inject: [CONFIGURATION, PREDICTION_LOG_READER, CLOCK], useFactory: watchLog },
    RecordsService,
  ],
  exports: [LogWatch, PREDICTION_LOG_READER, RecordsService],
})
export class LoggingModule implements OnApplicationShutdown {
  constructor(@Inject(PREDICTION_LOG_READER) private readonly log: PredictionLogReader) {}

  /** After the last answer: writes what waits and lets the folder go. */
  async onApplicationShutdown(): Promise<void> {
    await this.log.close();
  }
}
