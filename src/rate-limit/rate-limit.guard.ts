import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Response } from 'express';
import { type ServiceRequest } from '../common/http/service-request';
import { RateLimits } from './rate-limits';

/** Stands behind the access guard, which says who asks, and before the body is read. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limits: RateLimits) {}

  /** @throws {ProblemException} 429 */
  canActivate(context: ExecutionContext): true | Promise<true> {
    const http = context.switchToHttp();
    return this.limits.admitCaller(http.getRequest<ServiceRequest>(), http.getResponse<Response>());
  }
}
