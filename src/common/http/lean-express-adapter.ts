import { createServer, type Server } from 'node:http';
import { type Socket } from 'node:net';
import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Response } from 'express';
import { describeUnreadableRequest } from './describe-unreadable-request';
import { formatRawProblem } from './problem.filter';
import { expressMessageClasses } from './service-request';

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
/** Longer than the usual 60 s of load balancers, so that they close idle connections first. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** While stopping, connections that became idle since the last look are closed. */
const IDLE_SWEEP_INTERVAL_MS = 25;

/**
 * Express without what costs time and gives nothing here: requests get their prototypes once (see
 * `expressMessageClasses`), JSON answers carry no ETag, and nothing names the software.
 */
export class LeanExpressAdapter extends ExpressAdapter {
  /** @param limits how long requests may take to arrive; tests are less patient */
  constructor(private readonly limits: ArrivalLimits = ARRIVAL_LIMITS) {
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    super(app);
  }

  override initHttpServer(): void {
    const server = createServer(
      {
        ...expressMessageClasses(this.getInstance()),
        requestTimeout: this.limits.requestMs,
        headersTimeout: this.limits.headersMs,
        connectionsCheckingInterval: this.limits.checkEveryMs,
        keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      },
      this.getInstance(),
    );
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
      const { kind, detail } = describeUnreadableRequest(error.code);
      if (!socket.writable || socket.bytesWritten > 0) socket.destroy();
      else socket.end(formatRawProblem(kind, detail));
    });
    this.httpServer = server;
  }

  /**
   * Stops taking connections and waits for the requests in flight. Their connections end with their
   * answers, otherwise a busy keep-alive client would hold the process for ever.
   */
  override close(): Promise<void> {
    const server = this.httpServer as Server;
    return new Promise((resolve) => {
      if (!server.listening) {
        resolve();
        return;
      }
      server.prependListener('request', (_request, response) => {
        response.shouldKeepAlive = false;
      });
      const sweep = setInterval(() => {
        server.closeIdleConnections();
      }, IDLE_SWEEP_INTERVAL_MS);
      server.close(() => {
        clearInterval(sweep);
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
    response.setHeader('X-Content-Type-Options', 'nosniff');
    return response.end(text);
  }
}
