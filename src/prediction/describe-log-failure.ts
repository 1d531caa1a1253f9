import { ProblemException } from '../common/http/problem';
import { LogUnavailableError } from '../logging/prediction-log';

/**
 * What a caller is told of a record that could not be written: 503 with Retry-After when the log is away; any other
 * error as it is. That no decision was made is said only where it is certain: after a time-out or a lost connection
 * the record may be there, and who sends the application again without its key would be decided on twice.
 */
export function describeLogFailure(error: unknown): unknown {
  if (!(error instanceof LogUnavailableError)) return error;
  const options = { headers: { 'Retry-After': String(error.retryAfterSeconds) }, cause: error };
  if (error.nothingKept) {
    return new ProblemException('log-unavailable', 'No decision was made. Try again later.', options);
  }
  return new ProblemException(
    'decision-unconfirmed',
    'The log did not confirm it. Send it again with the Idempotency-Key it had: it is then decided once. Without a key, look for it under GET /predictions first.',
    options,
  );
}
