import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module';
import { ModelModule } from '../model/model.module';
import { HealthController } from './health.controller';
import { HealthService } from './health.service';
import { Readiness } from './readiness';

/** Tells load balancers and people whether this instance can decide. */
@Module({
  imports: [ModelModule, LoggingModule],
  controllers: [HealthController],
  providers: [HealthService, Readiness],
})
export class HealthModule {}
