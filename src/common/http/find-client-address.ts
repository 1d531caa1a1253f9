import { type ServiceRequest } from './service-request';

/**
 * Where a request came from. What `X-Forwarded-For` says counts only when the connection is from an address
 * that `TRUST_PROXY` names; then it is the last address in it that is not such a proxy.
 *
 * @returns an IPv4 or IPv6 address; empty when the connection is already gone
 */
export function findClientAddress(request: ServiceRequest): string {
  // Without the header there is nothing to believe or not: Express would read it all the same.
  const address =
    request.headers['x-forwarded-for'] === undefined ? request.socket.remoteAddress : request.ip;
  return address ?? '';
}
