/** What is wrong with one field; the value itself is never repeated. */
export interface FieldProblem {
  /** Dotted path of the field; empty when the body as a whole is meant. */
  readonly field: string;
  /** Stable word for programs, such as `out_of_range`. */
  readonly code: string;
  /** Sentence for people: what was expected. */
  readonly message: string;
}

/** A problem document (RFC 9457), sent as `application/problem+json`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Finds the request in the logs. */
  readonly requestId?: string;
  readonly errors?: readonly FieldProblem[];
}

/** The kinds of problem the service knows: status and title; the key is the last part of the `type`. */
const KINDS = {
  'malformed-body': [400, 'The body could not be read'],
  'invalid-application': [400, 'The application is not valid'],
  'invalid-parameter': [400, 'A parameter is not valid'],
  'bad-request': [400, 'The request could not be understood'],
  unauthorized: [401, 'Access needs a valid key'],
  forbidden: [403, 'This is not allowed'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'The method is not allowed here'],
  'request-timeout': [408, 'The request took too long to arrive'],
  'alert-closed': [409, 'The alert is closed'],
  'idempotency-key-in-flight': [409, 'A request with this key is in flight'],
  'model-unavailable': [409, 'The recorded model is not available'],
  'record-erased': [409, 'The inputs were erased'],
  'payload-too-large': [413, 'The body is too large'],
  'uri-too-long': [414, 'The address is too long'],
  'unsupported-media-type': [415, 'The media type is not supported'],
  'expectation-failed': [417, 'The expectation cannot be met'],
  'misdirected-request': [421, 'The request is for another host'],
  'idempotency-key-reused': [422, 'The key stands for another application'],
  'rate-limit-exceeded': [429, 'The rate limit is reached'],
  'too-many-connections': [429, 'There are too many connections'],
  'too-many-attempts': [429, 'There were too many failed attempts'],
  'headers-too-large': [431, 'The headers are too large'],
  'internal-error': [500, 'The service failed'],
  'job-failed': [500, 'The application could not be decided'],
  'alerts-unavailable': [503, 'Alerts cannot be changed'],
  'idempotency-unavailable': [503, 'Idempotency keys cannot be checked'],
  'keys-unavailable': [503, 'Tokens cannot be checked'],
  'connections-exhausted': [503, 'There are too many connections'],
  'log-unavailable': [503, 'The decision could not be recorded'],
  'decision-unconfirmed': [503, 'It is not known whether a decision was recorded'],
  'records-unavailable': [503, 'Records cannot be read now'],
  'queue-unavailable': [503, 'The application could not be queued'],
  overloaded: [503, 'The service is overloaded'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** One of the kinds of problem. */
export type ProblemKind = keyof typeof KINDS;

/** More than any application has fields; without a limit a small body could ask for a huge answer. */
export const MOST_FIELD_PROBLEMS = 50;

/** Builds the document of a kind; `detail` says what happened and what to do, never a value. */
export function describeProblem(
  kind: ProblemKind,
  detail: string,
  errors?: readonly FieldProblem[],
): ProblemDocument {
  const [status, title] = KINDS[kind];
  const listed = errors && limitProblems(errors);
  return {
    type: `urn:credit-scoring:problem:${kind}`,
    title,
    status,
    detail,
    ...(listed && { errors: listed }),
  };
}

function limitProblems(errors: readonly FieldProblem[]): readonly FieldProblem[] {
  if (errors.length <= MOST_FIELD_PROBLEMS) return errors;
  const message = `only the first ${MOST_FIELD_PROBLEMS} problems are listed`;
  return [...errors.slice(0, MOST_FIELD_PROBLEMS), { field: '', code: 'and_more', message }];
}

/** Thrown anywhere behind a route: becomes the answer, as a problem document. */
export class ProblemException extends Error {
  override readonly name = 'ProblemException';
  readonly document: ProblemDocument;

  constructor(
    kind: ProblemKind,
    detail: string,
    readonly options: {
      readonly errors?: readonly FieldProblem[];
      /** Response headers that belong to the answer, such as Allow. */
      readonly headers?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.document = describeProblem(kind, detail, options.errors);
  }
}
