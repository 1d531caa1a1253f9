/** What balancers and Prometheus ask for all day, and must get from a service that is being flooded. */
const EXEMPT_PATTERN = /^\/(?:health|metrics)(?=[/?]|$)/;

/** @param target path and query of a request */
export function isExempt(target: string): boolean {
  return EXEMPT_PATTERN.test(target);
}
