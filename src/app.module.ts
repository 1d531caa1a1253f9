import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CommonModule } from './common/common.module';
import { ProblemFilter } from './common/http/problem.filter';
import { ConfigModule } from './config/config.module';
import { type Configuration } from './config/configuration';
import { HealthModule } from './health/health.module';
import { ON_FATAL_LOG_ERROR, type OnFatalLogError } from './logging/fatal-log-error';
import { PredictionModule } from './prediction/prediction.module';
import { RootController } from './root.controller';

/** The composition root: every room, and what the outside gives them. */
@Module({})
export class AppModule {
  /**
   * @param configuration what the environment decided
   * @param onFatalLogError called once when the log can never be written again: the process must end
   */
  static forRoot(configuration: Configuration, onFatalLogError: OnFatalLogError): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [ConfigModule.forRoot(configuration), CommonModule, PredictionModule, HealthModule],
      controllers: [RootController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: ON_FATAL_LOG_ERROR, useValue: onFatalLogError },
      ],
      exports: [ON_FATAL_LOG_ERROR],
    };
  }
}
