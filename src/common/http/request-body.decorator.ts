import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type BodyRules, readBody, type ReceivedBody } from './read-body';
import { type ServiceRequest } from './service-request';

/**
 * The request's raw body, read when the handler is about to run: after guards, so that a caller without
 * access cannot make the service read anything, and without a middleware's cost on other routes.
 */
export const RequestBody = createParamDecorator(
  (rules: BodyRules, context: ExecutionContext): Promise<ReceivedBody> =>
    readBody(context.switchToHttp().getRequest<ServiceRequest>(), rules),
);
