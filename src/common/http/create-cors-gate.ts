import { type RequestGate } from './request-gate';

/** Any origin may read the answers. */
const EVERY_ORIGIN = '*';

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Request-Id',
  // As long as Chromium remembers: a preflight costs a round trip.
  'Access-Control-Max-Age': '7200',
} as const;

/** What a script may read besides the headers that every script may. */
const EXPOSED_HEADERS = 'Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';

/**
 * Lets scripts of other origins read the answers, and answers the preflights of their browsers (Fetch
 * standard, CORS protocol). Cookies are never let in: scripts send a key, as every other client does.
 *
 * @param origins exact, such as `https://desk.example.org`; or `*` alone
 */
export function createCorsGate(origins: readonly string[]): RequestGate {
  const allowed = new Set(origins);
  const everybody = allowed.has(EVERY_ORIGIN);
  return (request, response) => {
    const { origin } = request.headers;
    // The answer to one origin must not be kept for another.
    if (!everybody) response.setHeader('Vary', 'Origin');
    if (origin === undefined || !(everybody || allowed.has(origin))) return true;
    response.setHeader('Access-Control-Allow-Origin', everybody ? EVERY_ORIGIN : origin);
    const preflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!preflight) {
      response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
      return true;
    }
    for (const [name, value] of Object.entries(PREFLIGHT_HEADERS)) response.setHeader(name, value);
    response.statusCode = 204;
    response.end();
    return false;
  };
}
