import { Module } from '@nestjs/common';
import { loadSessionSecret } from '../auth/sessions/session-secret';
import { CLOCK, type Clock } from '../common/clock';
import { CONFIGURATION, type Configuration } from '../config/configuration';
import { PredictionModule } from '../prediction/prediction.module';
import { AsyncPredictController } from './jobs/async-predict.controller';
import { AsyncPredictions } from './jobs/async-predictions';
import { JobIds } from './jobs/job-id';
import { QueueModule } from './queue.module';

async function makeJobIds({ access }: Configuration, clock: Clock): Promise<JobIds> {
  return new JobIds(await loadSessionSecret(access), clock);
}

/** Applications that are decided later: for the process that callers talk to. */
@Module({
  imports: [QueueModule, PredictionModule],
  controllers: [AsyncPredictController],
  providers: [{ provide: JobIds, inject: [CONFIGURATION, CLOCK], useFactory: makeJobIds }, AsyncPredictions],
})
export class AsyncPredictModule {}
