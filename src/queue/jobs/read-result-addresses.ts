import { isIP } from 'node:net';
import { type Configuration } from '../../config/configuration';
import { EVERY_TENANT } from '../../common/http/identity';
import { type FieldProblem, ProblemException } from '../../common/http/problem';
import { type RequestContext } from '../../common/http/request-context';
import { type ServiceRequest } from '../../common/http/service-request';
import { isPublicAddress } from '../../common/webhook/is-public-address';
import { type ResultAddresses } from './job-message';

/** Headers that say where the outcome of a job goes. */
export const CALLBACK_HEADER = 'X-Callback-URL';
export const REPLY_HEADER = 'X-Reply-To';

/** As long as the longest address that everything understands. */
const LONGEST_URL = 2_048;

/** No spaces: Node joins the values of two headers with a comma and a space. */
const URL_LETTERS_PATTERN = /^[!-~]+$/;

/** First part of the names of reply queues: a caller must not write into a queue that means something else. */
const REPLY_PREFIX = 'replies/';

/** Last part of the name of a reply queue. */
const REPLY_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Injection token of the `CallbackRules`. */
export const CALLBACK_RULES = Symbol('CallbackRules');

/** What callbacks are allowed to do. */
export type CallbackRules = Pick<
  Extract<Configuration['queue'], { kind: 'rabbitmq' }>,
  'callbackSecret' | 'allowPrivateCallbacks'
>;

/**
 * Where the caller wants the outcome sent.
 *
 * @throws {ProblemException} 400 that names every wrong header; never what it held
 */
export function readResultAddresses(
  { headers }: ServiceRequest,
  { tenant }: Pick<RequestContext, 'tenant'>,
  rules: CallbackRules,
): ResultAddresses {
  const replyTo = headers['x-reply-to'];
  const callbackUrl = headers['x-callback-url'];
  const errors: FieldProblem[] = [];
  const check = (field: string, code: string | undefined, expected: string): void => {
    if (code !== undefined) errors.push({ field, code, message: `${field} ${expected}` });
  };
  if (callbackUrl !== undefined) {
    if (rules.callbackSecret === undefined) {
      check(
        CALLBACK_HEADER,
        'unsupported',
        'is not taken here: this service has no secret to sign callbacks with',
      );
    } else {
      check(CALLBACK_HEADER, findUrlFault(callbackUrl, rules), describeUrl(rules));
    }
  }
  const prefix = replyPrefix(tenant);
  if (replyTo !== undefined && !isReplyQueue(replyTo, prefix)) {
    check(
      REPLY_HEADER,
      'wrong_format',
      `must be sent once, and be ${prefix} and 1 to 100 letters, digits and . _ - of your choice`,
    );
  }
  if (errors.length > 0) {
    throw new ProblemException(
      'invalid-parameter',
      'Correct the headers named in errors and send it again.',
      {
        errors,
      },
    );
  }
  return {
    ...(typeof replyTo === 'string' && { replyTo }),
    ...(typeof callbackUrl === 'string' && { callbackUrl }),
  };
}

/** Each tenant has names of its own; no tenant's name holds a slash. */
function replyPrefix(tenant: string | undefined): string {
  return tenant === undefined || tenant === EVERY_TENANT ? REPLY_PREFIX : `${REPLY_PREFIX}${tenant}/`;
}

function isReplyQueue(name: string | string[], prefix: string): boolean {
  return (
    typeof name === 'string' && name.startsWith(prefix) && REPLY_NAME_PATTERN.test(name.slice(prefix.length))
  );
}

function describeUrl({ allowPrivateCallbacks }: CallbackRules): string {
  const where = allowPrivateCallbacks ? '' : ' of the public internet';
  return `must be sent once, and be an http or https address${where} without a user, of at most ${LONGEST_URL} characters`;
}

/** Names are looked up when the callback is made; only then it shows where they lead. */
function findUrlFault(text: string | string[], { allowPrivateCallbacks }: CallbackRules): string | undefined {
  if (typeof text !== 'string' || text.length > LONGEST_URL) return 'wrong_format';
  if (!URL_LETTERS_PATTERN.test(text) || !URL.canParse(text)) return 'wrong_format';
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'wrong_format';
  if (username !== '' || password !== '') return 'wrong_format';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0 && !allowPrivateCallbacks && !isPublicAddress(host) ? 'not_public' : undefined;
}
