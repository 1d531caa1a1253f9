import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';
import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type Response } from 'express';
import { announceHttps } from './announce-https';
import { closeAfterAnswers } from './close-after-answers';
import { createCorsGate } from './create-cors-gate';
import { createProxyList } from './create-proxy-list';
import { describeUnreadableRequest } from './describe-unreadable-request';
import { findRequestFault, type RequestFault } from './find-request-fault';
import { formatRawProblem } from './format-raw-problem';
import { type ConnectionLimits, limitConnections } from './limit-connections';
import { describeProblem } from './problem';
import { readRequestTarget } from './read-request-target';
import { type RequestGate } from './request-gate';
import { sendProblem } from './send-problem';
import { expressMessageClasses, type ServiceRequest } from './service-request';

/** How long a request may take to arrive, milliseconds. */
export interface ArrivalLimits {
  readonly headersMs: number;
  /** Headers and body together. */
  readonly requestMs: number;
  /** How often the two are looked at: a slow request is cut at most this much late. */
  readonly checkEveryMs: number;
}

const ARRIVAL_LIMITS: ArrivalLimits = {
  // Headers are small: who needs longer holds the connection on purpose.
  headersMs: 10_000,
  // A body of the largest size arrives in this time even over a slow mobile line.
  requestMs: 30_000,
  checkEveryMs: 1_000,
};
const CONNECTION_LIMITS: ConnectionLimits = {
  // Some kilobytes of memory and a file descriptor each: what a small machine has.
  inAll: 8_192,
  // An office behind one address has hundreds.
  perAddress: 1_024,
  // A balancer in front gets to choose again now and then; too rare to be felt.
  requests: 100_000,
};
/** The parser ends a request whose first line and headers are longer, bytes; Node's own default. */
const MOST_HEADER_BYTES = 16_384;

/** How the service is met from outside. */
export interface Exposure {
  /** Origins whose scripts may read answers, or `*`. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks of the proxies in front. */
  readonly trustedProxies: readonly string[];
}

const UNEXPOSED: Exposure = { corsOrigins: [], trustedProxies: [] };

/** Everything that is answered, until a page says what it needs: nothing is guessed, loaded or framed. */
const HEADERS_OF_EVERYTHING = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
] as const;

/** A connection as Node's HTTP server keeps it; its own handler of `clientError` reads this too. */
interface ServedSocket extends Socket {
  /** The answer that is due; null or undefined between requests. */
  readonly _httpMessage?: ServerResponse | null;
}

/** Longer than the usual 60 s of load balancers, so that they close idle connections first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** Leaves time to write what waits before a supervisor, after its usual 10 s, kills what has not ended. */
const LONGEST_DRAIN_MS = 4000;
/** While stopping, connections that became idle since the last look are closed. */
const IDLE_SWEEP_INTERVAL_MS = 25;

/**
 * Express without what costs time and gives nothing here: requests get their prototypes once (see
 * `expressMessageClasses`), JSON answers carry no ETag, and nothing names the software.
 */
export class LeanExpressAdapter extends ExpressAdapter {
  private readonly gates: RequestGate[] = [];

  /**
   * @param exposure what is in front of the service, and whose scripts may use it
   * @param limits how long requests may take to arrive; tests are less patient
   * @param connectionLimits how many connections may be open, and how long used; tests have fewer
   */
  constructor(
    private readonly exposure: Exposure = UNEXPOSED,
    private readonly limits: ArrivalLimits = ARRIVAL_LIMITS,
    private readonly connectionLimits: ConnectionLimits = CONNECTION_LIMITS,
  ) {
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.set('trust proxy', [...exposure.trustedProxies]);
    super(app);
    if (exposure.trustedProxies.length > 0) this.addGate(announceHttps);
    if (exposure.corsOrigins.length > 0) this.addGate(createCorsGate(exposure.corsOrigins));
  }

  /** Adds a gate behind those there are; a request passes them in this order. */
  addGate(gate: RequestGate): void {
    this.gates.push(gate);
  }

  override initHttpServer(): void {
    const app = this.getInstance<Express>();
    const { gates } = this;
    const answer = (message: IncomingMessage, response: ServerResponse): void => {
      // Made by `expressMessageClasses`, below.
      const request = message as ServiceRequest;
      for (const [name, value] of HEADERS_OF_EVERYTHING) response.setHeader(name, value);
      if (!isReadable(request, response)) return;
      for (const gate of gates) if (!gate(request, response)) return;
      app(request, response as Response);
    };
    const server = createServer(
      {
        ...expressMessageClasses(app),
        requestTimeout: this.limits.requestMs,
        headersTimeout: this.limits.headersMs,
        connectionsCheckingInterval: this.limits.checkEveryMs,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
        maxHeaderSize: MOST_HEADER_BYTES,
        // Answered by us, with a problem document.
        requireHostHeader: false,
      },
      answer,
    );
    // Node would leave out, without a word, what comes behind the first two thousand.
    server.maxHeadersCount = 0;
    limitConnections(server, this.connectionLimits, createProxyList(this.exposure.trustedProxies));
    server.on('clientError', (error: NodeJS.ErrnoException, socket: ServedSocket) => {
      const { kind, detail } = describeUnreadableRequest(error.code);
      if (!socket.writable || socket._httpMessage?.headersSent === true) socket.destroy();
      else socket.end(formatRawProblem(kind, detail));
    });
    server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      const detail = 'Leave out the Expect header, or send Expect: 100-continue.';
      // Whether its body comes is the caller's choice.
      sendProblem(response, describeProblem('expectation-failed', detail), { Connection: 'close' });
    });
    server.on('connect', (_request: IncomingMessage, socket: Socket) => {
      const detail = 'This is no proxy: ask for an address of this service by its path.';
      socket.end(formatRawProblem('method-not-allowed', detail, { Allow: 'GET, HEAD, POST' }));
    });
    this.httpServer = server;
  }

  /**
   * Stops taking connections and waits for the requests in flight. Their connections end with their
   * answers, otherwise a busy keep-alive client would hold the process for ever. Who has not sent a whole
   * request, or not read its answer, after 4 s is cut off.
   */
  override close(): Promise<void> {
    const server = this.httpServer as Server;
    return new Promise((resolve) => {
      if (!server.listening) {
        resolve();
        return;
      }
      closeAfterAnswers(server);
      const sweep = setInterval(() => {
        server.closeIdleConnections();
      }, IDLE_SWEEP_INTERVAL_MS);
      const cut = setTimeout(() => {
        server.closeAllConnections();
      }, LONGEST_DRAIN_MS);
      server.close(() => {
        clearInterval(sweep);
        clearTimeout(cut);
        resolve();
      });
    });
  }

  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (typeof body !== 'object' || body === null || body instanceof StreamableFile) {
      return super.reply(response, body, statusCode);
    }
    if (statusCode !== undefined) response.statusCode = statusCode;
    const text = JSON.stringify(body);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.setHeader('Cache-Control', 'no-store');
    return response.end(text);
  }

  override setHeader(response: Response, name: string, value: string): unknown {
    // A route names what its answer depends on; a gate may have named more.
    return name === 'Vary' ? response.vary(value) : super.setHeader(response, name, value);
  }
}

const NO_ADDRESS: RequestFault = {
  kind: 'bad-request',
  detail: 'The request target is no address: send a path, such as /predict.',
  isAmbiguous: true,
};

/** Refuses what no route could answer, and gives the request's address the form that routes expect. */
function isReadable(request: ServiceRequest, response: ServerResponse): boolean {
  const fault = findRequestFault(request);
  if (fault !== undefined) {
    refuse(response, fault);
    return false;
  }
  const target = readRequestTarget(request.method, request.url);
  if (target === undefined) {
    refuse(response, NO_ADDRESS);
    return false;
  }
  if (target !== request.url) {
    // In the absolute form the target's host counts, whatever the header says (RFC 9112, section 3.2.2).
    request.headers.host = new URL(request.url).host;
    request.url = target;
  }
  return true;
}

function refuse(response: ServerResponse, { kind, detail, isAmbiguous }: RequestFault): void {
  sendProblem(response, describeProblem(kind, detail), isAmbiguous && { Connection: 'close' });
}
