import { explainDatabaseError, isDatabaseUnavailable } from './explain-database-error';

function failure(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe('a failure of the database', () => {
  it.each([
    { error: failure('The server does not support SSL connections'), advice: /^switch on ssl/ },
    { error: failure('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), advice: /sslrootcert/ },
    { error: failure('self-signed in chain', 'SELF_SIGNED_CERT_IN_CHAIN'), advice: /sslrootcert/ },
    { error: failure('unable to verify', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), advice: /sslrootcert/ },
    { error: failure('unable to get', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), advice: /sslrootcert/ },
    { error: failure('expired', 'CERT_HAS_EXPIRED'), advice: /renew/ },
    { error: failure('not for this host', 'ERR_TLS_CERT_ALTNAME_INVALID'), advice: /host/ },
    { error: failure('connection refused', 'ECONNREFUSED'), advice: /start PostgreSQL/ },
    { error: failure('timeout expired'), advice: /load of PostgreSQL/ },
  ])('counts as "away", with advice, when it is: $error.message', ({ error, advice }) => {
    expect(explainDatabaseError(error).advice).toMatch(advice);
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    { error: failure('relation does not exist', '42P01') },
    { error: failure('no right', '42501') },
    { error: failure('a defect') },
  ])('is a matter of its own when it is: $error.message', ({ error }) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
