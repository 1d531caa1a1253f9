import { describeProblem, type ProblemKind } from '../../../common/http/problem';
import { readerOf } from '../reader';

describe('the status codes', () => {
  /** Whether a record of it can come; who has no key, or is over a limit, leaves none. */
  const RECORDED: Readonly<Record<ProblemKind, boolean>> = {
    'malformed-body': true,
    'invalid-application': true,
    'invalid-parameter': true,
    'bad-request': true,
    unauthorized: false,
    forbidden: true,
    'not-found': true,
    'method-not-allowed': true,
    'request-timeout': true,
    'alert-closed': true,
    'idempotency-key-in-flight': true,
    'model-unavailable': true,
    'record-erased': true,
    'payload-too-large': true,
    'uri-too-long': true,
    'unsupported-media-type': true,
    'expectation-failed': true,
    'misdirected-request': true,
    'rate-limit-exceeded': false,
    'too-many-connections': false,
    'idempotency-key-reused': true,
    'too-many-attempts': false,
    'headers-too-large': true,
    'internal-error': true,
    'job-failed': true,
    'alerts-unavailable': true,
    'idempotency-unavailable': true,
    'keys-unavailable': true,
    'connections-exhausted': true,
    'log-unavailable': true,
    'decision-unconfirmed': true,
    'records-unavailable': true,
    'queue-unavailable': true,
    overloaded: true,
  };

  it.each(['en', 'fr'] as const)('each have a meaning, whichever can be recorded: %s', (language) => {
    const statuses = (Object.keys(RECORDED) as ProblemKind[])
      .filter((kind) => RECORDED[kind])
      .map((kind) => describeProblem(kind, '').status);
    const meanings = readerOf(language).texts.overview.statusMeanings;
    expect([200, ...statuses].filter((status) => !meanings[status])).toEqual([]);
  });
});
