import { performance } from 'node:perf_hooks';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type ProblemDocument } from '../common/http/problem';
import { type RequestContext } from '../common/http/request-context';
import { LogWatch } from '../logging/log-watch';
import { LogUnavailableError, PREDICTION_LOG, type PredictionLog } from '../logging/prediction-log';
import { type RefusalRecord } from '../logging/prediction-record';
import { draftRefusal } from './draft-refusal';

/** Keeps a record of every application that was refused or failed, so that error rates survive a restart. */
@Injectable()
export class RefusalRecorder {
  private readonly logger = new Logger(RefusalRecorder.name);

  constructor(
    @Inject(PREDICTION_LOG) private readonly log: PredictionLog,
    private readonly watch: LogWatch,
  ) {}

  /**
   * Nobody waits for the record, and it never fails the answer; what cannot be kept because the log is away is counted
   * by `LogWatch`.
   */
  record(problem: ProblemDocument, context: RequestContext): void {
    const { status } = problem;
    const draft = draftRefusal(problem, context, performance.now());
    this.log.append<RefusalRecord>(draft).catch((error: unknown) => {
      if (error instanceof LogUnavailableError) this.watch.noteUnrecorded(status, error);
      else
        this.logger.warn({
          requestId: context.requestId,
          status,
          err: error,
          msg: 'a refusal left no record',
        });
    });
  }
}
