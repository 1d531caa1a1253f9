import { ANONYMOUS, EVERY_TENANT } from './identity';
import { type ServiceRequest } from './service-request';

/** Who asks, and since when: what a record keeps of the request beside the application. */
export interface RequestContext {
  readonly requestId: string;
  readonly caller: string;
  /** Whose record it is; absent while access control is off. */
  readonly tenant?: string;
  /** Monotonic, milliseconds (`performance.now()`). */
  readonly receivedAt: number;
}

/** Somebody who wants to see records. */
export interface Viewer {
  /** Whose records are shown; `EVERY_TENANT` shows all. */
  readonly tenant: string;
}

/** The context of an HTTP request. */
export function readRequestContext(request: ServiceRequest): RequestContext {
  // A request that no guard has seen, such as one without a route, is nobody's.
  const { name, tenant, method } = request.identity ?? ANONYMOUS;
  return {
    requestId: request.requestId,
    caller: name,
    ...(method !== 'none' && { tenant }),
    receivedAt: request.receivedAt,
  };
}

/**
 * Who wants to see records.
 *
 * @throws Error when no guard has let the request pass: then nobody may see anything
 */
export function readViewer(request: ServiceRequest): Viewer {
  if (request.identity === undefined) throw new Error('Records were asked for before the access guard ran');
  return request.identity;
}

/** Whether a record is the viewer's. A record without a tenant is from before access control. */
export function isVisible(record: { readonly tenant?: string }, viewer: Viewer): boolean {
  return viewer.tenant === EVERY_TENANT || record.tenant === viewer.tenant;
}
