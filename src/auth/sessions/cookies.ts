import { type IncomingMessage } from 'node:http';

/**
 * Whether the browser came over https. The header is a proxy's, but believing it from anybody is harmless:
 * it decides about the sender's own cookies only, and towards the stricter side.
 */
function cameOverHttps(request: IncomingMessage): boolean {
  const forwarded = request.headers['x-forwarded-proto'];
  const protocol = (Array.isArray(forwarded) ? forwarded[0] : forwarded)?.split(',')[0]?.trim().toLowerCase();
  return protocol === 'https' || 'encrypted' in request.socket;
}

/** Over https a cookie has the name that browsers let no other host and no insecure page set. */
function cookieName(request: IncomingMessage, name: string): string {
  return cameOverHttps(request) ? `__Host-${name}` : name;
}

/**
 * The value of one of our cookies; undefined when it is absent, or there twice: then one of them is not ours.
 *
 * @param name without `__Host-`
 */
export function readCookie(request: IncomingMessage, name: string): string | undefined {
  const start = `${cookieName(request, name)}=`;
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  return found.length === 1 ? found[0]?.slice(start.length) : undefined;
}

/**
 * A `Set-Cookie` header: not for scripts, not sent along from other sites, not over plain HTTP when set over https.
 *
 * @param maxAgeSeconds 0 deletes it
 */
export function formatCookie(
  request: IncomingMessage,
  name: string,
  value: string,
  maxAgeSeconds: number,
): string {
  const secure = cameOverHttps(request) ? '; Secure' : '';
  return `${cookieName(request, name)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}
