import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AUDIT, type Audit } from '../common/audit';
import { ANONYMOUS, type Identity, type Scope } from '../common/http/identity';
import { ProblemException } from '../common/http/problem';
import { readAuditContext } from '../common/read-audit-context';
import { type ServiceRequest } from '../common/http/service-request';
import { ACCESS_CONTROL, type AccessControl } from './access-control';
import { checkForm } from './sessions/check-form';
import { refuseOtherSites } from './sessions/refuse-other-sites';
import { ROUTE_ACCESS, type RouteAccess } from './route-access.decorator';

/** Methods that change nothing, so nothing is gained by making a browser send them. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Stands before every route: lets through who has the scope that the route declares, and nobody where it
 * declares nothing.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(ACCESS_CONTROL) private readonly access: AccessControl,
    @Inject(AUDIT) private readonly audit: Audit,
    private readonly reflector: Reflector,
  ) {}

  /** Answers at once where it can: a promise costs more than recognising a key. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const required = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, targets);
    if (required === undefined) {
      throw new ProblemException('forbidden', 'This address does not declare who may use it. Report it.');
    }
    if (required === 'nothing') return true;
    const request = context.switchToHttp().getRequest<ServiceRequest>();
    if (this.access.mode === 'off') {
      request.identity = ANONYMOUS;
      // Another site could otherwise use the browser of somebody who works on this machine.
      if (!SAFE_METHODS.has(request.method) && required === 'monitor') refuseOtherSites(request);
      return true;
    }
    try {
      const identity = this.access.authenticator.authenticate(request);
      if (!(identity instanceof Promise)) return this.answer(admit(request, identity, required), request);
      return this.answer(
        identity.then((known) => admit(request, known, required)),
        request,
      );
    } catch (error) {
      throw this.noteRefusal(error, request);
    }
  }

  private answer(admitted: true | Promise<true>, request: ServiceRequest): true | Promise<true> {
    if (admitted === true) return true;
    return admitted.catch((error: unknown) => {
      throw this.noteRefusal(error, request);
    });
  }

  /** Repeated refusals of an address are summed up by the trail: they cannot fill the disk. */
  private noteRefusal(error: unknown, request: ServiceRequest): unknown {
    if (error instanceof ProblemException) {
      const outcome = String(error.document.status);
      this.audit.note('access-refused', readAuditContext(request), { subject: request.path, outcome });
    }
    return error;
  }
}

function admit(request: ServiceRequest, identity: Identity, required: Scope): true | Promise<true> {
  // Also of those who are refused: their refusal is recorded under their name.
  request.identity = identity;
  if (!identity.scopes.includes(required)) {
    throw new ProblemException('forbidden', `This needs the scope ${required}.`, {
      headers: {
        'WWW-Authenticate': `Bearer realm="credit-scoring", error="insufficient_scope", scope="${required}"`,
      },
    });
  }
  if (identity.method !== 'session' || SAFE_METHODS.has(request.method)) return true;
  return checkForm(request, identity);
}
