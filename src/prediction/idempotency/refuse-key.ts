import { ProblemException } from '../../common/http/problem';

/** A decision takes milliseconds, unless the disk stands still. */
const IN_FLIGHT_RETRY_SECONDS = 1;

/** 409: another request is deciding under this key, here or in another process. */
export function refuseKeyInFlight(): ProblemException {
  return refuseKey(
    'idempotency-key-in-flight',
    'The first request with this key is not answered yet. Send it again with the same key for its answer.',
    IN_FLIGHT_RETRY_SECONDS,
  );
}

/**
 * A request whose key cannot be used for now.
 *
 * @param retryAfterSeconds when sending it again makes sense
 */
export function refuseKey(
  kind: 'idempotency-unavailable' | 'idempotency-key-in-flight',
  detail: string,
  retryAfterSeconds: number,
): ProblemException {
  return new ProblemException(kind, detail, { headers: { 'Retry-After': String(retryAfterSeconds) } });
}
