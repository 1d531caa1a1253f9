import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { type Scope } from '../common/http/identity';

/** Metadata key of what a route, or all routes of a controller, ask for. */
export const ROUTE_ACCESS = 'routeAccess';

/** Key of the API description under which a route's scope stands. */
export const SCOPE_EXTENSION = 'x-required-scope';

/** What a route asks of its callers. */
export type RouteAccess = Scope | 'nothing';

/**
 * Only callers with this scope get through: on a controller for all of its routes, on a handler for it alone.
 * A route that declares neither this nor `OpenToEveryone` answers nobody.
 */
export function RequireScope(scope: Scope): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(ROUTE_ACCESS, scope), ApiExtension(SCOPE_EXTENSION, scope));
}

/** No key is asked for: what is shown here is no secret. */
export function OpenToEveryone(): ClassDecorator & MethodDecorator {
  return SetMetadata(ROUTE_ACCESS, 'nothing' satisfies RouteAccess);
}
