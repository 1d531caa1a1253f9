import { Module } from '@nestjs/common';
import { LogWriterModule } from '../logging/log-writer.module';
import { ModelModule } from '../model/model.module';
import { ApplicationChecker } from './application-checker';
import { ApplicationPipe } from './application.pipe';
import { BatchPipe } from './batch.pipe';
import { IdempotentPredictions } from './idempotency/idempotent-predictions';
import { KeyMemory } from './idempotency/key-memory';
import { PredictController } from './predict.controller';
import { PredictionService } from './prediction.service';
import { RefusalRecorder } from './refusal-recorder';

/** From an HTTP body to a kept decision. */
@Module({
  imports: [ModelModule, LogWriterModule],
  controllers: [PredictController],
  providers: [
    ApplicationChecker,
    ApplicationPipe,
    BatchPipe,
    IdempotentPredictions,
    KeyMemory,
    PredictionService,
    RefusalRecorder,
  ],
})
export class PredictionModule {}
