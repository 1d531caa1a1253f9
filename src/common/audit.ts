/** What is worth an audit record. */
export const AUDIT_ACTIONS = [
  'log-in',
  'log-in-failed',
  'log-out',
  'key-created',
  'key-revoked',
  'access-refused',
  'export',
  'replay',
  'alert-acknowledged',
  'retention',
  'erasure',
  'legal-hold-set',
  'legal-hold-released',
] as const;

/** One of `AUDIT_ACTIONS`. */
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did something, and from where. */
export interface AuditContext {
  /** Name of the key, subject of the token, or user of the command line. */
  readonly caller: string;
  /** Of the HTTP request. */
  readonly requestId?: string;
  /** Address of the one who asked, or `command line`. */
  readonly from?: string;
}

/** What was done to what, and how it ended; never a personal value. */
export interface AuditDetails {
  /** On what, such as the prefix of a key, an address of the service, or the id of a record. */
  readonly subject?: string;
  /** How it ended, such as `done`, `refused` or a status. */
  readonly outcome: string;
  /** What else there is to know: numbers and short words. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** Injection token of the `Audit`: every room may tell it what was done. */
export const AUDIT = Symbol('Audit');

/** Who did what, when and from where, kept in the log. */
export interface Audit {
  /**
   * Records what must not wait for the disk: what was read, refused or failed. Never fails; when the record cannot
   * be kept, the application log says so. Refusals and failed log-ins from one address are summed up: the first of
   * a minute leaves a record at once, those after it one record together when the minute is over.
   */
  note(action: AuditAction, context: AuditContext, details: AuditDetails): void;

  /**
   * Records an administrative act: confirm it to whoever asked only after this resolved.
   *
   * @throws {LogUnavailableError} the record was not kept: undo the act or say that it is not on record
   */
  confirm(action: AuditAction, context: AuditContext, details: AuditDetails): Promise<void>;
}
