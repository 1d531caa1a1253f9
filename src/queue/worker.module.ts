import { Module } from '@nestjs/common';
import { LogWriterModule } from '../logging/log-writer.module';
import { PredictionModule } from '../prediction/prediction.module';
import { CallbackSender } from './callbacks/callback-sender';
import { JobDecider } from './jobs/job-decider';
import { JobResults } from './jobs/job-results';
import { JobWorker } from './jobs/job-worker';
import { QueueModule } from './queue.module';

/** Decides what was queued, and tells who wanted to be told. */
@Module({
  imports: [QueueModule, PredictionModule, LogWriterModule],
  providers: [JobDecider, JobResults, JobWorker, CallbackSender],
})
export class WorkerModule {}
