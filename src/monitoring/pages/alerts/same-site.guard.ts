import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Request } from 'express';
import { ProblemException } from '../../../common/http/problem';

/** `none`: nobody's page, but the person at the browser. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * Refuses what a page of somebody else makes a browser send: what browsers say of themselves must say that it comes
 * from here. Programs that are no browser say nothing, and pass.
 */
@Injectable()
export class SameSiteGuard implements CanActivate {
  /** @throws {ProblemException} 403 */
  canActivate(context: ExecutionContext): true {
    const { headers } = context.switchToHttp().getRequest<Request>();
    const site = headers['sec-fetch-site'];
    const vouched = site !== undefined && OWN_SITES.has(site);
    const foreign = site !== undefined && !vouched;
    if (!foreign && isOwnOrigin(headers.origin, headers.host, vouched)) return true;
    throw new ProblemException(
      'forbidden',
      'This form was not sent from this service. Open the page here and send it again.',
    );
  }
}

/**
 * Only the host is compared: behind a proxy this process does not know the scheme it was reached by.
 *
 * @param vouched whether the browser says by other means that the request comes from here; it may then keep quiet
 *   about the origin (`null`)
 */
function isOwnOrigin(origin: string | undefined, host: string | undefined, vouched: boolean): boolean {
  if (origin === undefined || (origin === 'null' && vouched)) return true;
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase();
}
