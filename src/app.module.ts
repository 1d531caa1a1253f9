import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AuditModule } from './audit/audit.module';
import { AuthModule } from './auth/auth.module';
import { type Clock } from './common/clock';
import { CommonModule } from './common/common.module';
import { ProblemFilter } from './common/http/problem.filter';
import { ConfigModule } from './config/config.module';
import { type Configuration, type Role } from './config/configuration';
import { HealthModule } from './health/health.module';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './logging/fatal-log-error';
import { MetricsModule } from './metrics/metrics.module';
import { MonitoringModule } from './monitoring/monitoring.module';
import { OverloadModule } from './overload/overload.module';
import { PredictionModule } from './prediction/prediction.module';
import { RateLimitModule } from './rate-limit/rate-limit.module';
import { ReplayModule } from './replay/replay.module';
import { RootController } from './root.controller';

/** What each role adds to what every process has. */
const MODULES_OF_ROLE = {
  api: PredictionModule,
  monitoring: MonitoringModule,
  worker: PredictionModule,
} as const satisfies Readonly<Record<Role, unknown>>;

/** The composition root: every room, and what the outside gives them. */
@Module({})
export class AppModule {
  /**
   * @param configuration what the environment decided
   * @param onFatalLogError called once when the log can never be written again: the process must end
   * @param clock milliseconds since the epoch
   */
  static forRoot(
    configuration: Configuration,
    onFatalLogError: OnFatalLogError,
    clock: Clock,
  ): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        ConfigModule.forRoot(configuration),
        CommonModule.forRoot(clock),
        AuditModule,
        AuthModule,
        MetricsModule,
        HealthModule,
        OverloadModule,
        ReplayModule,
        ...configuration.roles.map((role) => MODULES_OF_ROLE[role]),
        RateLimitModule.forRoot(configuration),
      ],
      controllers: [RootController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: ON_FATAL_LOG_ERROR, useValue: onFatalLogError },
      ],
      exports: [ON_FATAL_LOG_ERROR],
    };
  }
}
