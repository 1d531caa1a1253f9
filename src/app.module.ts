import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AuditModule } from './audit/audit.module';
import { AuthModule } from './auth/auth.module';
import { CacheModule } from './cache/cache.module';
import { type Clock } from './common/clock';
import { CommonModule } from './common/common.module';
import { ProblemFilter } from './common/http/problem.filter';
import { ConfigModule } from './config/config.module';
import { type Configuration, type Role } from './config/configuration';
import { DatabaseModule } from './database/database.module';
import { HealthModule } from './health/health.module';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './logging/fatal-log-error';
import { MetricsModule } from './metrics/metrics.module';
import { MonitoringModule } from './monitoring/monitoring.module';
import { OverloadModule } from './overload/overload.module';
import { PredictRoutesModule } from './prediction/predict-routes.module';
import { AsyncPredictModule } from './queue/async-predict.module';
import { WorkerModule } from './queue/worker.module';
import { RateLimitModule } from './rate-limit/rate-limit.module';
import { ReplayModule } from './replay/replay.module';
import { RootController } from './root.controller';

/** What a role adds to what every process has. */
function modulesOf(role: Role, { queue }: Configuration): Type[] {
  switch (role) {
    case 'api':
      return queue.kind === 'none' ? [PredictRoutesModule] : [PredictRoutesModule, AsyncPredictModule];
    case 'monitoring':
      return [MonitoringModule];
    case 'worker':
      return [WorkerModule];
  }
}

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
        DatabaseModule,
        CacheModule,
        AuditModule,
        AuthModule,
        MetricsModule,
        HealthModule,
        OverloadModule,
        ReplayModule,
        ...configuration.roles.flatMap((role) => modulesOf(role, configuration)),
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
