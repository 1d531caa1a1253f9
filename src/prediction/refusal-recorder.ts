import { performance } from 'node:perf_hooks';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type ProblemDocument } from '../common/http/problem';
import { type RequestContext } from '../common/http/request-context';
import { PREDICTION_LOG, type PredictionLog } from '../logging/prediction-log';
import { type RefusalRecord } from '../logging/prediction-record';
import { roundTime } from './round-time';

/** Keeps a record of every application that was refused or failed, so that error rates survive a restart. */
@Injectable()
export class RefusalRecorder {
  private readonly logger = new Logger(RefusalRecorder.name);

  constructor(@Inject(PREDICTION_LOG) private readonly log: PredictionLog) {}

  /**
   * Status, and which fields were wrong. Never a value, nor the name of an unknown field: that is the
   * sender's text as well. Nobody waits for the record, and it never fails the answer.
   */
  record({ status, title, errors }: ProblemDocument, context: RequestContext): void {
    const { requestId, caller, tenant, receivedAt } = context;
    const fields = errors?.map(({ field, code }) => ({ field: code === 'unknown_field' ? '' : field, code }));
    const draft = {
      requestId,
      caller,
      ...(tenant !== undefined && { tenant }),
      status,
      problem: { title, ...(fields && { errors: fields }) },
      totalTimeMs: roundTime(performance.now() - receivedAt),
    };
    this.log.append<RefusalRecord>(draft).catch((error: unknown) => {
      this.logger.warn({ requestId, status, err: error, msg: 'a refusal left no record' });
    });
  }
}
