import { type ServiceRequest } from './service-request';

/** Who asks, and since when: what a record keeps of the request beside the application. */
export interface RequestContext {
  readonly requestId: string;
  readonly caller: string;
  /** Monotonic, milliseconds (`performance.now()`). */
  readonly receivedAt: number;
}

/** While there is no access control, nobody is known by name. */
const ANONYMOUS = 'anonymous';

/** The context of an HTTP request. */
export function readRequestContext(request: ServiceRequest): RequestContext {
  return { requestId: request.requestId, caller: ANONYMOUS, receivedAt: request.receivedAt };
}
