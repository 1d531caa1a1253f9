import { type AuditContext } from './audit';
import { findClientAddress } from './http/find-client-address';
import { ANONYMOUS } from './http/identity';
import { type ServiceRequest } from './http/service-request';

/** Who asks and from where, for the audit trail. */
export function readAuditContext(request: ServiceRequest): AuditContext {
  const { name } = request.identity ?? ANONYMOUS;
  return { caller: name, requestId: request.requestId, from: findClientAddress(request) };
}
