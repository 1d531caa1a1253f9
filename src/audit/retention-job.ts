import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CronJob } from 'cron';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { AuditTrail } from './audit-trail';
import { describeExpired } from './describe-expired';
import { removeExpired } from './remove-expired';

/** Daily at a quiet hour, UTC, and beside no full hour, when other jobs run. */
const SCHEDULE = '40 3 * * *';

/** Removes what is older than `RETENTION_DAYS`, daily, in the process that writes the log. */
@Injectable()
export class RetentionJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RetentionJob.name);
  private readonly job = CronJob.from({
    cronTime: SCHEDULE,
    timeZone: 'UTC',
    unrefTimeout: true,
    waitForCompletion: true,
    onTick: () => this.run(),
  });
  private running: Promise<void> | undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  onApplicationBootstrap(): void {
    if (this.configuration.roles.includes('api')) this.job.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.job.stop();
    await this.running;
  }

  /** Removes what is due. What fails is logged, and tried again the next day. */
  run(): Promise<void> {
    this.running = this.remove().catch((error: unknown) => {
      this.logger.error({
        err: error,
        msg: 'retention failed: what is older than RETENTION_DAYS is still there',
      });
    });
    return this.running;
  }

  private async remove(): Promise<void> {
    const { log, monitoring } = this.configuration;
    const context = { caller: 'service' };
    const expired = await removeExpired({
      folder: log.folder,
      retentionDays: monitoring.retentionDays,
      nowMs: this.clock(),
      dryRun: false,
      announce: async (due) => {
        await this.audit.confirm('retention', context, { outcome: 'begun', details: describeExpired(due) });
      },
    });
    const details = describeExpired(expired);
    if (expired.held.length > 0) this.logger.log({ msg: 'segments stay because of legal holds', ...details });
    if (expired.segments.length === 0 && expired.setAsideLines === 0) return;
    await this.audit.confirm('retention', context, { outcome: 'done', details });
    this.logger.log({ msg: 'retention removed what is older than RETENTION_DAYS', ...details });
  }
}
