import { Module } from '@nestjs/common';
import { ModelModule } from '../model/model.module';
import { PredictController } from './predict.controller';
import { PredictionModule } from './prediction.module';

/** Decisions over HTTP, which a mere worker does not offer. */
@Module({ imports: [PredictionModule, ModelModule], controllers: [PredictController] })
export class PredictRoutesModule {}
