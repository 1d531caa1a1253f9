import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module';
import { ModelModule } from '../model/model.module';
import { ReplayController } from './replay.controller';
import { ReplayService } from './replay.service';

/** From a record back to the same decision. */
@Module({
  imports: [ModelModule, LoggingModule],
  controllers: [ReplayController],
  providers: [ReplayService],
  exports: [ReplayService],
})
export class ReplayModule {}
