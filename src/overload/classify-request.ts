import { UNMATCHED_ROUTE } from '../common/http/watch-requests';
import { type RequestClass } from './overload-limits';

/** What a request asks for, as far as its address tells. */
export interface ClassifiedRequest {
  readonly requestClass: RequestClass;
  /** What a refusal is counted under: a decision's route, otherwise the first part of the address. */
  readonly route: string;
}

const VITAL: ClassifiedRequest = { requestClass: 'vital', route: UNMATCHED_ROUTE };
const OTHER: ClassifiedRequest = { requestClass: 'deferrable', route: UNMATCHED_ROUTE };

/** By the first part of the path. A list of ours, so that no caller can make up a label of a metric. */
const KINDS: ReadonlyMap<string, ClassifiedRequest> = new Map([
  ['/health', VITAL],
  ['/metrics', VITAL],
  ['/predict', { requestClass: 'decision', route: '/predict' }],
  ['/monitoring', { requestClass: 'deferrable', route: '/monitoring' }],
  ['/predictions', { requestClass: 'deferrable', route: '/predictions' }],
]);
const BATCH: ClassifiedRequest = { requestClass: 'batch', route: '/predict/batch' };

/** @param url path and query as they were sent, not decoded */
export function classifyRequest(url: string): ClassifiedRequest {
  // The usual case first: this runs before every request.
  if (url === '/predict') return KINDS.get(url) ?? OTHER;
  const [path = ''] = url.split('?', 1);
  if (path === '/predict/batch') return BATCH;
  const end = path.indexOf('/', 1);
  return KINDS.get(end === -1 ? path : path.slice(0, end)) ?? OTHER;
}
