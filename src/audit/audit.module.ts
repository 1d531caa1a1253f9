import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AUDIT } from '../common/audit';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { isLogWriter } from '../logging/log-writer.module';
import { LoggingModule } from '../logging/logging.module';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../logging/prediction-log';
import { type AuditRecord } from '../logging/prediction-record';
import { AUDIT_SINK, type AuditSink } from './audit-sink';
import { AuditTrail } from './audit-trail';
import { LOG_UPKEEP } from './log-upkeep';
import { openAuditSink } from './open-audit-sink';
import { openLogUpkeep } from './open-log-upkeep';
import { RetentionJob } from './retention-job';

/** The process that writes the log keeps audit records in it; any other where commands keep theirs. */
async function openSink(
  log: PredictionLogReader,
  configuration: Configuration,
  clock: Clock,
): Promise<AuditSink> {
  if (!isLogWriter(log)) return openAuditSink(configuration, clock);
  return {
    append: (draft) => log.append<AuditRecord>(draft),
    // The log is closed by the room that opened it.
    close: () => Promise.resolve(),
  };
}

/** Who did what, which any room may tell; and what must not be kept any longer. */
@Global()
@Module({
  imports: [LoggingModule],
  providers: [
    { provide: AUDIT_SINK, inject: [PREDICTION_LOG_READER, CONFIGURATION, CLOCK], useFactory: openSink },
    { provide: LOG_UPKEEP, inject: [CONFIGURATION, CLOCK], useFactory: openLogUpkeep },
    AuditTrail,
    { provide: AUDIT, useExisting: AuditTrail },
    RetentionJob,
  ],
  exports: [AUDIT],
})
export class AuditModule implements OnApplicationShutdown {
  constructor(@Inject(AUDIT_SINK) private readonly sink: AuditSink) {}

  /** After the last audit record. */
  async onApplicationShutdown(): Promise<void> {
    await this.sink.close();
  }
}
