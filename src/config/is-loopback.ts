import { isIPv4 } from 'node:net';

/** Whether a host that is listened on can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return ['localhost', '::1', '[::1]'].includes(host.toLowerCase());
}
