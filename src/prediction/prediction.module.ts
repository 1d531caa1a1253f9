import { Module } from '@nestjs/common';
import { LoggingModule } from '../logging/logging.module';
import { ModelModule } from '../model/model.module';
import { ApplicationChecker } from './application-checker';
import { ApplicationPipe } from './application.pipe';
import { BatchPipe } from './batch.pipe';
import { PredictController } from './predict.controller';
import { PredictionService } from './prediction.service';
import { RefusalRecorder } from './refusal-recorder';
import { ReplayController } from './replay.controller';
import { ReplayService } from './replay.service';

/** From an HTTP body to a kept decision, and back from the record to the same decision. */
@Module({
  imports: [ModelModule, LoggingModule],
  controllers: [PredictController, ReplayController],
  providers: [
    ApplicationChecker,
    ApplicationPipe,
    BatchPipe,
    PredictionService,
    ReplayService,
    RefusalRecorder,
  ],
})
export class PredictionModule {}
