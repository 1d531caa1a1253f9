import { type ServerResponse } from 'node:http';
import { type ServiceRequest } from './service-request';

/** A year, as the preload lists ask for. Other names of the domain are not ours to speak for. */
const STRICT_TRANSPORT = 'max-age=31536000';

/**
 * Tells a browser that came over https to come over https only. This process speaks http, so it is a proxy
 * that `TRUST_PROXY` names who says so, in `X-Forwarded-Proto`.
 */
export function announceHttps(request: ServiceRequest, response: ServerResponse): true {
  if (request.secure) response.setHeader('Strict-Transport-Security', STRICT_TRANSPORT);
  return true;
}
