import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { type Express, type Request } from 'express';
import { type Identity } from './identity';

/** A request together with when it came and how to find it again in the logs. */
export interface ServiceRequest extends Request {
  /** Monotonic, milliseconds: when its headers were parsed. */
  readonly receivedAt: number;
  /** The caller's `X-Request-Id` when it is a plain token, otherwise a random UUID. */
  readonly requestId: string;
  /** Who asks; undefined until the access guard has let the request pass. */
  identity: Identity | undefined;
}

/** What a caller may send as `X-Request-Id` and find again: nothing that could break a line of a log. */
const REQUEST_ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Request and response classes for `http.createServer` whose instances have Express's own prototypes from
 * the start.
 *
 * Express gives every request and response a new prototype (`Object.setPrototypeOf`), after which
 * V8's inline caches miss in all of Node's HTTP code. Setting the prototype an object already has
 * costs nothing, and throughput more than doubles.
 *
 * They must be classes: V8 keeps the shape of instances with a class, while `Reflect.construct` with a
 * function as `new.target` looks it up anew for each object, and all is lost again.
 */
export function expressMessageClasses(app: Express): {
  IncomingMessage: typeof IncomingMessage;
  ServerResponse: typeof ServerResponse;
} {
  class ExpressRequest extends IncomingMessage {
    readonly receivedAt = performance.now();
    // Set here, so that all requests keep one shape for V8.
    identity: Identity | undefined = undefined;
    private chosenId: string | undefined = undefined;

    get requestId(): string {
      return (this.chosenId ??= chooseRequestId(this.headers['x-request-id']));
    }
  }
  class ExpressResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {}

  Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  app.request = ExpressRequest.prototype as unknown as Express['request'];
  app.response = ExpressResponse.prototype as unknown as Express['response'];
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

function chooseRequestId(received: string | string[] | undefined): string {
  return typeof received === 'string' && REQUEST_ID_PATTERN.test(received) ? received : randomUUID();
}
