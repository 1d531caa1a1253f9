import { type LookupAddress } from 'node:dns';
import { type LookupFunction } from 'node:net';
import { isPublicAddress } from './is-public-address';
import { WebhookError } from './webhook-error';

/** All addresses of a name. */
export type ResolveName = (hostname: string) => Promise<readonly LookupAddress[]>;

/**
 * A `lookup` for sockets that refuses a name as soon as one of its addresses is not public. The socket connects to
 * what it returns and to nothing else, so that a name which answers otherwise the next time gains nothing by it.
 */
export function guardLookup(resolve: ResolveName, allowPrivateAddresses: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) {
          callback(new WebhookError('ENOTFOUND', 'the name has no address'), '', 0);
        } else if (!allowPrivateAddresses && !addresses.every(({ address }) => isPublicAddress(address))) {
          callback(new WebhookError('ENOTPUBLIC', 'the name leads to an address that is not public'), '', 0);
        } else if (options.all === true) {
          callback(null, [...addresses]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: unknown) => {
        callback(
          error instanceof Error ? error : new WebhookError('ENOTFOUND', 'the name has no address'),
          '',
          0,
        );
      },
    );
  };
}
