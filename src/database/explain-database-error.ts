/** What went wrong at the database, for whoever has to mend it. */
export interface DatabaseFailure {
  /** SQLSTATE, or the operating system's code. */
  readonly code: string;
  /** What to do about it. */
  readonly advice: string;
}

const TLS_ADVICE =
  'let DATABASE_URL name the authority that signed the certificate of PostgreSQL (sslrootcert=<file>)';

/** By SQLSTATE (PostgreSQL, appendix A) and by the operating system's codes. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start PostgreSQL, or correct the address in DATABASE_URL',
  ENOTFOUND: 'correct the host in DATABASE_URL, or the name service of this machine',
  EAI_AGAIN: 'look at the name service of this machine',
  EHOSTUNREACH: 'look at the network between this machine and PostgreSQL',
  ENETUNREACH: 'look at the network between this machine and PostgreSQL',
  ENOENT: 'correct in DATABASE_URL the folder of the socket, or the files of sslrootcert, sslcert and sslkey',
  EACCES: 'let the user of this process read the socket and the certificates that DATABASE_URL names',
  ECONNRESET: 'see in the log of PostgreSQL why it ended the connection',
  CERT_HAS_EXPIRED: 'renew the certificate of PostgreSQL',
  CERT_NOT_YET_VALID: 'correct the clock of this machine, or the certificate of PostgreSQL',
  DEPTH_ZERO_SELF_SIGNED_CERT: TLS_ADVICE,
  ERR_TLS_CERT_ALTNAME_INVALID: 'let DATABASE_URL name the host as the certificate of PostgreSQL does',
  SELF_SIGNED_CERT_IN_CHAIN: TLS_ADVICE,
  UNABLE_TO_GET_ISSUER_CERT: TLS_ADVICE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TLS_ADVICE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TLS_ADVICE,
  '08P01':
    'see that DATABASE_URL leads to PostgreSQL itself, or to a pooler in session mode that lets options pass at the start',
  '25006': 'let DATABASE_URL lead to the primary server: this one only reads',
  '28000': 'correct the user in DATABASE_URL, or allow it, with or without TLS, in pg_hba.conf',
  '28P01': 'correct the user and password in DATABASE_URL',
  '3D000': 'create the database that DATABASE_URL names',
  '40P01': 'see in the log of PostgreSQL which sessions waited for each other',
  '42501':
    'let the user of DATABASE_URL own the tables; or give it the rights that README.md names, and run ' +
    '`npm run migrate` as their owner',
  '42P01': 'run `npm run migrate`, or restart the service, which does it',
  '42883': 'run `npm run migrate`, or restart the service, which does it',
  '53100': 'make room on the volume of PostgreSQL; writing goes on by itself',
  '53200': 'give PostgreSQL more memory',
  '53300': 'raise max_connections of PostgreSQL, or run fewer instances',
  '55P03': 'see in pg_stat_activity which session keeps the lock of log_head',
  '57014': 'see in pg_stat_activity what burdens PostgreSQL',
  '57P01': 'wait until PostgreSQL has restarted; the service connects again by itself',
  '57P02': 'wait until PostgreSQL has recovered; the service connects again by itself',
  '57P03': 'wait until PostgreSQL has started; the service connects again by itself',
};
const NO_ANSWER_ADVICE =
  'look at the load of PostgreSQL and at the network to it; the service connects again by itself';
const OTHER_ADVICE = 'see the log of PostgreSQL';

/** What the driver says, without a code, when TLS is asked for and the server has none. */
const NO_TLS = /does not support SSL/;
const NO_TLS_ADVICE = 'switch on ssl in PostgreSQL, or leave sslmode out of DATABASE_URL';

/** What the driver says when a time it was given is over, or the connection closed under it; it gives no code. */
const LOST_CONNECTION = /timeout|terminated|not queryable|was closed/i;

/** Explains an error of the driver or the server, without anything of an address, a statement or a value. */
export function explainDatabaseError(error: unknown): DatabaseFailure {
  const code = codeOf(error);
  if (code !== undefined) return { code, advice: ADVICE[code] ?? OTHER_ADVICE };
  if (isWithoutTls(error)) return { code: 'no TLS', advice: NO_TLS_ADVICE };
  if (isConnectionLost(error)) return { code: 'no answer', advice: NO_ANSWER_ADVICE };
  return { code: 'unknown error', advice: OTHER_ADVICE };
}

/** Whether it is the server that is away, busy or full, so that the same may succeed later: no defect of this program. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return isConnectionLost(error) || isWithoutTls(error);
  // A certificate that expires, or is replaced, while the service runs.
  if (/_CERT(_|$)|^CERT_|_SIGNATURE$/.test(code)) return true;
  // Classes: connection, read-only, rejected log-in, resources, locks, intervention of an operator, system errors.
  return /^(E[A-Z_]+|(08|28|53|57|58)...|25006|3D000|40...|55P03)$/.test(code);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  // Node tries each address of a name, and reports all failures in one.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && LOST_CONNECTION.test(error.message);
}

function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && NO_TLS.test(error.message);
}
