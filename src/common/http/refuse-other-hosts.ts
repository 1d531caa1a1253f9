import { type ServerResponse } from 'node:http';
import { describeProblem } from './problem';
import { sendProblem } from './send-problem';
import { type ServiceRequest } from './service-request';

const BYTE = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';

/** Names of this machine that no name server is asked for: `localhost`, 127.0.0.0/8 and `[::1]`, with any port. */
const LOOPBACK_HOST = new RegExp(`^(?:localhost|127(?:\\.${BYTE}){3}|\\[::1\\])(?::\\d{0,5})?$`, 'i');

const DOCUMENT = describeProblem(
  'misdirected-request',
  'Without access control only requests to this machine by name are answered: ask for localhost or 127.0.0.1, or ' +
    'start the service with AUTH=on.',
);

/**
 * A gate for a service without access control, which trusts whoever reaches loopback. A web page does that too when
 * its own name suddenly stands for 127.0.0.1 (DNS rebinding), but the browser still tells that name as `Host`:
 * anything but a name of this machine gets 421 (RFC 9110, section 15.5.20).
 *
 * No browser leaves `Host` out. Old health checks do, in HTTP/1.0: they pass.
 *
 * Cost: one regular expression on a few characters.
 */
export function refuseOtherHosts({ headers: { host } }: ServiceRequest, response: ServerResponse): boolean {
  if (host === undefined || LOOPBACK_HOST.test(host)) return true;
  sendProblem(response, DOCUMENT);
  return false;
}
