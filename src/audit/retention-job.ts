import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CronJob } from 'cron';
import { CLOCK, type Clock } from '../common/clock';
import { LEASES, type Leases } from '../common/leases';
import { CONFIGURATION, type Configuration, decides } from '../config/configuration';
import { AuditTrail } from './audit-trail';
import { describeExpired } from './describe-expired';
import { LOG_UPKEEP, type LogUpkeep } from './log-upkeep';
import { removeExpired } from './remove-expired';

/** Daily at a quiet hour, UTC, and beside no full hour, when other jobs run. */
const SCHEDULE = '40 3 * * *';

/** Longer than clocks of machines differ, so that no second one begins when the first is done; ends before the next day. */
const LEASE_MS = 60 * 60_000;

/** Removes what is older than `RETENTION_DAYS`, daily, in one of the processes that share the log. */
@Injectable()
export class RetentionJob implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RetentionJob.name);
  private readonly stopping = new AbortController();
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
    @Inject(LOG_UPKEEP) private readonly upkeep: LogUpkeep,
    @Inject(LEASES) private readonly leases: Leases,
    private readonly audit: AuditTrail,
  ) {}

  onApplicationBootstrap(): void {
    if (this.isDue()) this.job.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.job.stop();
    this.stopping.abort();
    await this.running;
  }

  /** Removes what is due, unless another process does. What fails is logged, and tried again the next day. */
  run(): Promise<void> {
    this.running = this.removeIfHolder().catch((error: unknown) => {
      // Told to stop: nothing is wrong, and the next one goes on.
      if (this.stopping.signal.aborted) return;
      this.logger.error({
        err: error,
        msg: 'retention failed: what is older than RETENTION_DAYS is still there',
      });
    });
    return this.running;
  }

  /** A folder is looked after by the one who writes it; a database by whoever takes the lease, workers excepted. */
  private isDue(): boolean {
    const { roles, storage } = this.configuration;
    return storage.kind === 'file' ? decides(roles) : roles.includes('api') || roles.includes('monitoring');
  }

  private async removeIfHolder(): Promise<void> {
    if (await this.leases.hold('retention', LEASE_MS)) await this.remove();
  }

  private async remove(): Promise<void> {
    const context = { caller: 'service' };
    const expired = await removeExpired({
      upkeep: this.upkeep,
      retentionDays: this.configuration.monitoring.retentionDays,
      nowMs: this.clock(),
      dryRun: false,
      announce: async (due) => {
        await this.audit.confirm('retention', context, { outcome: 'begun', details: describeExpired(due) });
      },
      signal: this.stopping.signal,
    });
    const details = describeExpired(expired);
    if (expired.held.length > 0) this.logger.log({ msg: 'segments stay because of legal holds', ...details });
    if (expired.segments.length === 0 && expired.setAsideLines === 0) return;
    await this.audit.confirm('retention', context, { outcome: 'done', details });
    this.logger.log({ msg: 'retention removed what is older than RETENTION_DAYS', ...details });
  }
}
