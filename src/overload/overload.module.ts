import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { addGate } from '../common/http/add-gate';
import { isLogWriter } from '../logging/log-writer.module';
import { LoggingModule } from '../logging/logging.module';
import { PREDICTION_LOG_READER, type PredictionLogReader } from '../logging/prediction-log';
import { BatchTurns } from './batch-turns';
import { OverloadGate } from './overload-gate';

/** Stands before all routes, guards and bodies, and refuses what is too much; batches take turns. */
@Module({ imports: [LoggingModule], providers: [BatchTurns], exports: [BatchTurns] })
export class OverloadModule implements OnModuleInit, OnApplicationShutdown {
  private readonly gate: OverloadGate;

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(PREDICTION_LOG_READER) log: PredictionLogReader,
    turns: BatchTurns,
  ) {
    this.gate = new OverloadGate(isLogWriter(log) ? (): number => log.waiting : (): number => 0, turns);
  }

  onModuleInit(): void {
    addGate(this.host, (request, response) => this.gate.admit(request, response));
  }

  onApplicationShutdown(): void {
    this.gate.stop();
  }
}
