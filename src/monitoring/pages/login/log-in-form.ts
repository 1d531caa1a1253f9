import { randomBytes } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { formatCookie, readCookie } from '../../../auth/sessions/cookies';
import { isSameText } from '../../../auth/sessions/is-same-text';
import { type Sessions } from '../../../auth/sessions/sessions';

/** The cookie that says which browser was given the form. */
const FORM_COOKIE = 'log-in';
const FORM_SECONDS = 3_600;
const NONCE_PATTERN = /^[A-Za-z0-9_-]{22}$/;

/**
 * Ties the log-in form to the browser it was given to: without it another site could log a visitor in with
 * its own key, and watch what the visitor does then.
 *
 * @returns the value of the form's field, and the cookie that belongs to it
 */
export function issueForm(request: IncomingMessage, sessions: Sessions): { field: string; cookie: string } {
  const before = readCookie(request, FORM_COOKIE);
  // The same in all tabs, so that one does not make another's form worthless.
  const nonce = before && NONCE_PATTERN.test(before) ? before : randomBytes(16).toString('base64url');
  return {
    field: sessions.signLogIn(nonce),
    cookie: formatCookie(request, FORM_COOKIE, nonce, FORM_SECONDS),
  };
}

/** Whether a form came back from the browser it was given to. */
export function isFormOfBrowser(request: IncomingMessage, field: string, sessions: Sessions): boolean {
  const nonce = readCookie(request, FORM_COOKIE);
  return nonce !== undefined && isSameText(field, sessions.signLogIn(nonce));
}

/** Takes the cookie back. */
export function withdrawForm(request: IncomingMessage): string {
  return formatCookie(request, FORM_COOKIE, '', 0);
}
