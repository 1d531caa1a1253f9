import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ANONYMOUS, type Identity, type Scope } from '../common/http/identity';
import { ProblemException } from '../common/http/problem';
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
    const identity = this.access.authenticator.authenticate(request);
    if (!(identity instanceof Promise)) return admit(request, identity, required);
    return identity.then((known) => admit(request, known, required));
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
