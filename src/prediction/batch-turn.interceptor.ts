import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable } from 'rxjs';
import { type BodyRules, readBodyEarly } from '../common/http/read-body';
import { type ServiceRequest } from '../common/http/service-request';
import { BatchTurns } from '../overload/batch-turns';
import { weighRequest } from '../overload/overload-limits';

/** How a batch is sent. */
export const BATCH_BODY: BodyRules = {
  mediaTypes: ['application/json', 'text/csv'],
  // A full batch of applications as they usually are, with room for white space.
  limitBytes: 4 * 1024 * 1024,
};

/** Receives a batch, and lets its handler and pipes, which do the work, wait for their turn. */
@Injectable()
export class BatchTurnInterceptor implements NestInterceptor {
  constructor(private readonly turns: BatchTurns) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<ServiceRequest>();
    await this.turns.take(weighRequest(request.headers), () => readBodyEarly(request, BATCH_BODY));
    return next.handle();
  }
}
