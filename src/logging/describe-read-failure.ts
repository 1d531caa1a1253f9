import { ProblemException } from '../common/http/problem';
import { LogUnavailableError } from './prediction-log';

/** What a reader is told of an error of the log: 503 with Retry-After when it is away; any other error as it is. */
export function describeReadFailure(error: unknown): unknown {
  if (!(error instanceof LogUnavailableError)) return error;
  return new ProblemException('records-unavailable', 'Try again later. GET /health/ready tells why.', {
    headers: { 'Retry-After': String(error.retryAfterSeconds) },
    cause: error,
  });
}
