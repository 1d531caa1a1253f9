import { ProblemException } from '../common/http/problem';
import { LogUnavailableError } from '../logging/prediction-log';

/** What a caller is told of an error of the log: 503 with Retry-After when it is away; any other error as it is. */
export function describeLogFailure(error: unknown): unknown {
  if (!(error instanceof LogUnavailableError)) return error;
  return new ProblemException('log-unavailable', 'No decision was made. Try again later.', {
    headers: { 'Retry-After': String(error.retryAfterSeconds) },
    cause: error,
  });
}
