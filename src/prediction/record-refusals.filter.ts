import { Catch } from '@nestjs/common';
import { type ProblemException } from '../common/http/problem';
import { ProblemFilter } from '../common/http/problem.filter';
import { readRequestContext } from '../common/http/request-context';
import { type ServiceRequest } from '../common/http/service-request';
import { RefusalRecorder } from './refusal-recorder';

/** Whoever has no key, or is over the limit, must not be able to fill the disk. */
const UNRECORDED: ReadonlySet<number> = new Set([401, 429]);

/** Answers with a problem document, and keeps a record of every caller's request that got one. */
@Catch()
export class RecordRefusalsFilter extends ProblemFilter {
  constructor(private readonly refusals: RefusalRecorder) {
    super();
  }

  protected override observe(problem: ProblemException, request: ServiceRequest): void {
    if (UNRECORDED.has(problem.document.status)) return;
    this.refusals.record(problem.document, readRequestContext(request));
  }
}
