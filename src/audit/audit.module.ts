import { Global, Module } from '@nestjs/common';
import { AUDIT } from '../common/audit';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { LoggingModule } from '../logging/logging.module';
import {
  PREDICTION_LOG_READER,
  type PredictionLog,
  type PredictionLogReader,
} from '../logging/prediction-log';
import { type AuditRecord } from '../logging/prediction-record';
import { AuditFolder } from './audit-folder';
import { AUDIT_SINK, type AuditSink } from './audit-sink';
import { AuditTrail } from './audit-trail';
import { RetentionJob } from './retention-job';

/** The process that writes the log keeps audit records in it; any other in a folder of their own. */
function openSink(log: PredictionLogReader, configuration: Configuration, clock: Clock): AuditSink {
  if (isWriter(log)) return (draft) => log.append<AuditRecord>(draft);
  const folder = new AuditFolder(configuration.log.folder, configuration.log.fsync, clock);
  return (draft) => folder.append(draft);
}

function isWriter(log: PredictionLogReader): log is PredictionLog {
  return 'append' in log;
}

/** Who did what, which any room may tell; and what must not be kept any longer. */
@Global()
@Module({
  imports: [LoggingModule],
  providers: [
    { provide: AUDIT_SINK, inject: [PREDICTION_LOG_READER, CONFIGURATION, CLOCK], useFactory: openSink },
    AuditTrail,
    { provide: AUDIT, useExisting: AuditTrail },
    RetentionJob,
  ],
  exports: [AUDIT],
})
export class AuditModule {}
