import { Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CACHE_CONNECTION } from '../cache/cache-connection';
import { SHARED_CACHE } from '../cache/shared-cache';
import { CONFIGURATION } from '../config/configuration';
import { LogWriterModule } from '../logging/log-writer.module';
import { PREDICTION_LOG } from '../logging/prediction-log';
import { ModelModule } from '../model/model.module';
import { ApplicationChecker } from './application-checker';
import { ApplicationPipe } from './application.pipe';
import { BatchPipe } from './batch.pipe';
import { IdempotentPredictions } from './idempotency/idempotent-predictions';
import { KEYED_DECISIONS } from './idempotency/keyed-decisions';
import { openKeyedDecisions } from './idempotency/open-keyed-decisions';
import { PredictionService } from './prediction.service';
import { openProbabilities } from './probabilities/open-probabilities';
import { PROBABILITIES } from './probabilities/probabilities';
import { RefusalRecorder } from './refusal-recorder';

/** From a body to a kept decision, for all that take bodies: routes and the worker. */
@Module({
  imports: [ModelModule, LogWriterModule],
  providers: [
    ApplicationChecker,
    ApplicationPipe,
    BatchPipe,
    IdempotentPredictions,
    {
      provide: KEYED_DECISIONS,
      inject: [PREDICTION_LOG, CACHE_CONNECTION, ModuleRef],
      useFactory: openKeyedDecisions,
    },
    PredictionService,
    { provide: PROBABILITIES, inject: [CONFIGURATION, SHARED_CACHE], useFactory: openProbabilities },
    RefusalRecorder,
  ],
  exports: [
    ApplicationChecker,
    ApplicationPipe,
    BatchPipe,
    IdempotentPredictions,
    KEYED_DECISIONS,
    PredictionService,
    RefusalRecorder,
  ],
})
export class PredictionModule {}
