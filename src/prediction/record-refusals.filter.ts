import { performance } from 'node:perf_hooks';
import { Catch, Inject, Logger } from '@nestjs/common';
import { type ProblemException } from '../common/http/problem';
import { ProblemFilter } from '../common/http/problem.filter';
import { readRequestContext } from '../common/http/request-context';
import { type ServiceRequest } from '../common/http/service-request';
import { PREDICTION_LOG, type PredictionLog } from '../logging/prediction-log';
import { type RefusalRecord } from '../logging/prediction-record';

/**
 * Keeps a record of every request for a prediction that was refused or failed, so that error rates
 * survive a restart. The caller does not wait for it, and no value is kept.
 */
@Catch()
export class RecordRefusalsFilter extends ProblemFilter {
  private readonly recordLogger = new Logger(RecordRefusalsFilter.name);

  constructor(@Inject(PREDICTION_LOG) private readonly log: PredictionLog) {
    super();
  }

  protected override observe(problem: ProblemException, request: ServiceRequest): void {
    const { status, title, errors } = problem.document;
    const { requestId, caller, receivedAt } = readRequestContext(request);
    const draft = {
      requestId,
      caller,
      status,
      problem: { title, ...(errors && { errors: errors.map(({ field, code }) => ({ field, code })) }) },
      totalTimeMs: Math.round((performance.now() - receivedAt) * 10_000) / 10_000,
    };
    this.log.append<RefusalRecord>(draft).catch((error: unknown) => {
      this.recordLogger.warn({ requestId, status, err: error, msg: 'a refusal left no record' });
    });
  }
}
