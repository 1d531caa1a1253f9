import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { guardLookup, type ResolveName } from './guard-lookup';
import { isPublicAddress } from './is-public-address';
import { WebhookError } from './webhook-error';

/** How a webhook may be sent. */
export interface PostOptions {
  readonly allowPrivateAddresses: boolean;
  readonly resolveName: ResolveName;
  /** For everything, from the look-up of the name to the headers of the answer. */
  readonly timeoutMs: number;
  /** Ends the request at once. */
  readonly signal: AbortSignal;
}

/**
 * Sends a body by POST on a connection of its own and resolves with the status of the answer. Redirects are not
 * followed, and the answer's body is not read.
 *
 * @throws {WebhookError} the address is not public, or time is up; or what the operating system or TLS answered
 */
export async function postWebhook(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  { allowPrivateAddresses, resolveName, timeoutMs, signal }: PostOptions,
): Promise<number> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // A socket looks up names only.
  if (isIP(host) !== 0 && !allowPrivateAddresses && !isPublicAddress(host)) {
    throw new WebhookError('ENOTPUBLIC', 'the address is not public');
  }
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.length },
      // A connection that is kept was checked when it was made, perhaps long ago.
      agent: false,
      // The environment may switch it off for the whole process.
      rejectUnauthorized: true,
      lookup: guardLookup(resolveName, allowPrivateAddresses),
      signal,
    });
    const timer = setTimeout(() => {
      request.destroy(new WebhookError('ETIMEDOUT', `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
      // Whatever else may end a connection; settles nothing that is settled.
      reject(new WebhookError('ECONNRESET', 'the connection ended without an answer'));
    });
    request.end(body);
  });
}
