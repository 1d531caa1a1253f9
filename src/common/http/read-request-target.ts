/** What a proxy is sent; every server must take it too (RFC 9112, section 3.2.2). */
const ABSOLUTE_FORM = /^https?:\/\//i;

/**
 * Path and query of a request target in any of the forms HTTP allows here.
 *
 * @param method `OPTIONS` alone may ask for `*`, the server as a whole
 * @param target as it stands in the request's first line
 * @returns undefined when it is none of these forms, or names no host that could exist
 */
export function readRequestTarget(method: string, target: string): string | undefined {
  if (target.startsWith('/')) return target;
  if (ABSOLUTE_FORM.test(target)) {
    if (!URL.canParse(target)) return undefined;
    const { pathname, search } = new URL(target);
    return pathname + search;
  }
  return target === '*' && method === 'OPTIONS' ? target : undefined;
}
