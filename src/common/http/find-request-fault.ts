import { type ProblemKind } from './problem';
import { type ServiceRequest } from './service-request';

/** Why a request is refused before anybody looks at its route. */
export interface RequestFault {
  readonly kind: ProblemKind;
  readonly detail: string;
  /** Whether it may mean something else to somebody in front of the service: nothing more is read from who sent it. */
  readonly isAmbiguous?: true;
}

/** Ten times the longest address that any route here can use. */
const LONGEST_ADDRESS = 4_096;
/** No route has more than seven. */
const MOST_PARAMETERS = 32;
/** A browser behind three proxies sends about forty. */
const MOST_HEADERS = 100;

/**
 * What is wrong with the first line or the headers of a request, beyond what Node itself refuses.
 *
 * Cost: a pass over the names of the headers, some hundred nanoseconds.
 */
export function findRequestFault(request: ServiceRequest): RequestFault | undefined {
  const { url, rawHeaders, httpVersion } = request;
  if (url.length > LONGEST_ADDRESS) {
    return {
      kind: 'uri-too-long',
      detail: `Send an address of at most ${LONGEST_ADDRESS} characters, path and query together.`,
    };
  }
  if (countParameters(url) > MOST_PARAMETERS) {
    return { kind: 'bad-request', detail: `Send at most ${MOST_PARAMETERS} query parameters.` };
  }
  if (rawHeaders.length > 2 * MOST_HEADERS) {
    return { kind: 'headers-too-large', detail: `Send at most ${MOST_HEADERS} headers.` };
  }
  // Node's parser takes 0.9 too, and then answers in a form such a caller cannot read.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return { kind: 'bad-request', detail: 'Send the request as HTTP/1.1.', isAmbiguous: true };
  }
  const hosts = countHosts(rawHeaders);
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
    return { kind: 'bad-request', detail: 'Send the Host header exactly once.', isAmbiguous: true };
  }
  return undefined;
}

function countParameters(url: string): number {
  const query = url.indexOf('?');
  if (query === -1) return 0;
  let count = 1;
  for (let at = url.indexOf('&', query); at !== -1; at = url.indexOf('&', at + 1)) count += 1;
  return count;
}

/** @param rawHeaders names and values by turns, as they came: Node's `headers` hides what came twice */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
