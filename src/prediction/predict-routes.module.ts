import { Module } from '@nestjs/common';
import { ModelModule } from '../model/model.module';
import { OverloadModule } from '../overload/overload.module';
import { PredictController } from './predict.controller';
import { PredictionModule } from './prediction.module';

/** Decisions over HTTP, which a mere worker does not offer. */
@Module({ imports: [PredictionModule, ModelModule, OverloadModule], controllers: [PredictController] })
export class PredictRoutesModule {}
