import { ProblemException } from '../../common/http/problem';
import { type ServiceRequest } from '../../common/http/service-request';

const HEADER = 'Idempotency-Key';

/**
 * 1 to 255 visible ASCII characters. Two headers never match: Node joins their values with a comma and a
 * space, and a space is not visible.
 */
export const IDEMPOTENCY_KEY_PATTERN = /^[!-~]{1,255}$/;

/**
 * The key under which the caller may send a request again without a second decision.
 *
 * @returns undefined when none was sent
 * @throws {ProblemException} 400 when the header was sent twice or has another form
 */
export function readIdempotencyKey({ headers }: ServiceRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && IDEMPOTENCY_KEY_PATTERN.test(key)) return key;
  throw invalidHeader('wrong_format', 'must be sent once, with 1 to 255 visible ASCII characters');
}

/** @throws {ProblemException} 400 when a key was sent to a route that knows none: it would promise what is not kept */
export function refuseIdempotencyKey({ headers }: ServiceRequest): void {
  if (headers['idempotency-key'] === undefined) return;
  throw invalidHeader(
    'unsupported',
    'is for single predictions: leave it out, or send the applications one by one',
  );
}

function invalidHeader(code: string, message: string): ProblemException {
  return new ProblemException('invalid-parameter', 'Correct the header named in errors and send it again.', {
    errors: [{ field: HEADER, code, message: `${HEADER} ${message}` }],
  });
}
