import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { AUDIT, type Audit } from '../../common/audit';
import { readAuditContext } from '../../common/read-audit-context';
import { type ServiceRequest } from '../../common/http/service-request';

/** Notes who took a file along: what leaves the pages is no longer protected by them. */
@Injectable()
export class AuditExportsInterceptor implements NestInterceptor {
  constructor(@Inject(AUDIT) private readonly audit: Audit) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<ServiceRequest>();
    return next.handle().pipe(
      tap((answer) => {
        if (!(answer instanceof StreamableFile)) return;
        this.audit.note('export', readAuditContext(request), { subject: request.path, outcome: 'sent' });
      }),
    );
  }
}
