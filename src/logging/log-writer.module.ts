import { Module } from '@nestjs/common';
import { LoggingModule } from './logging.module';
import {
  PREDICTION_LOG,
  PREDICTION_LOG_READER,
  type PredictionLog,
  type PredictionLogReader,
} from './prediction-log';

function expectWriter(log: PredictionLogReader): PredictionLog {
  if (isLogWriter(log)) return log;
  throw new Error(
    'This process opened the prediction log for reading only: ROLES must hold api or worker for it to decide',
  );
}

/** Whether a log can be written by this process, too. */
export function isLogWriter(log: PredictionLogReader): log is PredictionLog {
  return 'append' in log;
}

/** The log of the process that decides, to be written. */
@Module({
  imports: [LoggingModule],
  providers: [{ provide: PREDICTION_LOG, inject: [PREDICTION_LOG_READER], useFactory: expectWriter }],
  exports: [PREDICTION_LOG, LoggingModule],
})
export class LogWriterModule {}
