import { type Identity } from '../../common/http/identity';
import { ProblemException } from '../../common/http/problem';
import { readBodyEarly } from '../../common/http/read-body';
import { type ServiceRequest } from '../../common/http/service-request';
import { isSameText } from './is-same-text';
import { refuseOtherSites } from './refuse-other-sites';

/** Name of the form field, and, with `X-` before it, of the header, that carries `csrfToken`. */
export const CSRF_FIELD = 'csrf-token';

/** What forms are sent as, and how long they may be: a note and a few words. */
export const FORM_BODY = {
  mediaTypes: ['application/x-www-form-urlencoded'],
  limitBytes: 16 * 1024,
} as const;

/**
 * Lets a browser's session change something only from a page of ours. The handler reads the form as ever; its
 * field `csrf-token` is checked here, for all of them.
 *
 * @throws {ProblemException} 403 when another site sent it, or it does not carry the session's token
 */
export async function checkForm(request: ServiceRequest, identity: Identity): Promise<true> {
  refuseOtherSites(request);
  const header = request.headers[`x-${CSRF_FIELD}`];
  const sent =
    header ?? new URLSearchParams((await readBodyEarly(request, FORM_BODY)).bytes.toString()).get(CSRF_FIELD);
  if (typeof sent !== 'string' || !isSameText(sent, identity.csrfToken ?? '')) {
    throw new ProblemException('forbidden', 'Load the page again and send its form once more.');
  }
  return true;
}

/** What a form on a page must carry in a hidden field `csrf-token`; empty where none is asked for. */
export function csrfToken({ identity }: ServiceRequest): string {
  return identity?.csrfToken ?? '';
}
