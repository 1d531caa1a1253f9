import { ProblemException } from '../../common/http/problem';
import { type ServiceRequest } from '../../common/http/service-request';

/** `none`: no page at all, but the person at the browser. */
const OWN_SITES: readonly unknown[] = ['same-origin', 'none'];

/**
 * Refuses what a page of another site makes a browser send, as far as the browser tells. Programs tell nothing and
 * pass. Where a session is at stake, the token in the form decides besides.
 *
 * @throws {ProblemException} 403
 */
export function refuseOtherSites({ headers }: ServiceRequest): void {
  const { 'sec-fetch-site': site, origin, host = '' } = headers;
  const vouched = OWN_SITES.includes(site);
  if ((vouched || site === undefined) && isOwnOrigin(origin, host, vouched)) return;
  throw new ProblemException('forbidden', 'Forms are taken from the pages of this service only.');
}

/**
 * Only the host is compared: behind a proxy this process does not know the scheme it was reached by.
 *
 * @param vouched whether the browser says by other means that the request comes from here; it may then keep quiet
 *   about the origin (`null`)
 */
function isOwnOrigin(origin: string | undefined, host: string, vouched: boolean): boolean {
  if (origin === undefined || (origin === 'null' && vouched)) return true;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
