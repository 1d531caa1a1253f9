import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { describeUnreadableRequest } from './describe-unreadable-request';
import { describeProblem } from './problem';
import { type ServiceRequest } from './service-request';

/** Route of a request that matched none. */
export const UNMATCHED_ROUTE = 'unmatched';

/** A request that is over, whatever became of it. */
export interface EndedRequest {
  /** `unknown` when the request could not be read. */
  readonly method: string;
  /** The pattern, such as `/predictions/:id`, never the path that was asked for. */
  readonly route: string;
  /** That was answered; 499 when the caller went away before it was. */
  readonly status: number;
  /** From the headers to the last byte of the answer; undefined when the request could not be read. */
  readonly durationMs?: number;
}

/** Node publishes it for every request it could read, also for those it answers itself (no Host, odd Expect). */
const REQUEST_START = 'http.server.request.start';

/** What Node publishes there: https://nodejs.org/docs/latest-v20.x/api/diagnostics_channel.html#http */
interface RequestStart {
  readonly response: ServerResponse<ServiceRequest>;
  readonly server: Server;
}

/** The number nginx made usual for a caller that did not wait. */
const CALLER_GONE = 499;

/**
 * Tells of every request of a server when it is over: answered by a route or before any, cut off, or never
 * readable. It costs a listener a request, where an interceptor would cost a fifth of the throughput.
 *
 * @param onEnd must not throw
 * @returns a function that ends the watch
 */
export function watchRequests(server: Server, onEnd: (request: EndedRequest) => void): () => void {
  /** Connections that could not be read to the end, with the status that says why. */
  const unreadable = new WeakMap<Socket, number>();

  function tellEnded(this: ServerResponse<ServiceRequest>): void {
    const { req: request } = this;
    const status = this.headersSent ? this.statusCode : (unreadable.get(request.socket) ?? CALLER_GONE);
    if (!this.headersSent) unreadable.delete(request.socket);
    onEnd({
      method: request.method,
      route: readRoute(request),
      status,
      durationMs: performance.now() - request.receivedAt,
    });
  }

  function watchResponse(message: unknown): void {
    const start = message as RequestStart;
    // One function for all of them, which finds its response as `this`: nothing is made for a request.
    if (start.server === server) start.response.on('close', tellEnded);
  }

  function watchUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
    // A system call failed: the caller is gone, and has been told nothing.
    if (error.syscall !== undefined || unreadable.has(socket)) return;
    const { kind, detail } = describeUnreadableRequest(error.code);
    const { status } = describeProblem(kind, detail);
    unreadable.set(socket, status);
    // A request that was being answered closes first, and takes the status for its own.
    socket.once('close', () => {
      if (unreadable.delete(socket)) onEnd({ method: 'unknown', route: UNMATCHED_ROUTE, status });
    });
  }

  subscribe(REQUEST_START, watchResponse);
  server.on('clientError', watchUnreadable);
  return () => {
    unsubscribe(REQUEST_START, watchResponse);
    server.off('clientError', watchUnreadable);
  };
}

function readRoute(request: ServiceRequest): string {
  const route: unknown = request.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return UNMATCHED_ROUTE;
  return typeof route.path === 'string' ? route.path : UNMATCHED_ROUTE;
}
