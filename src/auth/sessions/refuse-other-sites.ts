import { ProblemException } from '../../common/http/problem';
import { type ServiceRequest } from '../../common/http/service-request';

/** `none`: no page at all, but the person at the browser. */
const OWN_SITES: readonly unknown[] = ['same-origin', 'none'];

/**
 * Refuses what a page of another site makes a browser send, as far as the browser tells. Programs tell nothing and
 * pass, and so does `Origin: null`: our pages ask browsers for it with `Referrer-Policy: no-referrer`. Where a
 * session is at stake, the token in the form decides.
 *
 * @throws {ProblemException} 403
 */
export function refuseOtherSites({ headers }: ServiceRequest): void {
  const { 'sec-fetch-site': site, origin = 'null', host = '' } = headers;
  const isOwn =
    site === undefined
      ? origin === 'null' || readHost(origin) === host.toLowerCase()
      : OWN_SITES.includes(site);
  if (isOwn) return;
  throw new ProblemException('forbidden', 'Forms are taken from the pages of this service only.', {
    closeConnection: true,
  });
}

/** Only the host is compared: behind a proxy this process does not know the scheme it was reached by. */
function readHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
