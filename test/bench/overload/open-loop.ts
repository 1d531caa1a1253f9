import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Load that comes whether it is answered or not, as from many callers who know nothing of each other. */
export interface OpenLoopOrder {
  /** Requests a second, at random moments (Poisson). */
  readonly rate: number;
  readonly seconds: number;
  /** Whole requests, head and body, which take turns. */
  readonly requests: readonly Buffer[];
}

/** A request that was answered. */
export interface Answered {
  readonly status: number;
  /** Milliseconds since the load began at which it was due. */
  readonly due: number;
  /** Milliseconds from then to the last byte of its answer: waiting for the generator counts too. */
  readonly latency: number;
}

/** What came of it. */
export interface OpenLoopResult {
  /** In the order of their answers. */
  readonly answered: readonly Answered[];
  /** Requests that found no free connection, or had no answer 5 s after the load. */
  readonly unsent: number;
}

const HEADER_END = '\r\n\r\n';
const STATUS_START = 'HTTP/1.1 '.length;
const CONTENT_LENGTH_PATTERN = /\r\ncontent-length: *(\d+)/i;
/** What is still in flight when the load ends is waited for so long. */
const LAST_ANSWERS_MS = 5000;

/** Connections to a server, opened beforehand and kept, as load balancers do. */
export class OpenLoop {
  private constructor(private readonly connections: readonly Connection[]) {}

  /** Opens them. */
  static async open(port: number, connections: number): Promise<OpenLoop> {
    return new OpenLoop(await Promise.all(Array.from({ length: connections }, () => Connection.open(port))));
  }

  /** Drives the server and resolves when the last answer is there. A request that finds all busy is not sent. */
  drive(order: OpenLoopOrder): Promise<OpenLoopResult> {
    return drive(this.connections, order);
  }

  /** Ends them. */
  close(): void {
    for (const connection of this.connections) connection.close();
  }
}

async function drive(all: readonly Connection[], order: OpenLoopOrder): Promise<OpenLoopResult> {
  const answered: Answered[] = [];
  const idle = all.filter((connection) => connection.isOpen);
  const ready = idle.length;
  const began = performance.now();
  let broken = 0;
  let unsent = 0;
  let turn = 0;

  const send = (due: number): void => {
    // The one that has rested longest: who was just refused would wait, as it was asked to.
    const connection = idle.shift();
    if (connection === undefined) {
      unsent += 1;
      return;
    }
    const request = order.requests[turn++ % order.requests.length] as Buffer;
    connection.send(request, (status) => {
      if (status === undefined) {
        broken += 1;
        return;
      }
      answered.push({ status, due, latency: performance.now() - began - due });
      idle.push(connection);
    });
  };

  const end = 1000 * order.seconds;
  let next = interval(order.rate);
  while (next < end) {
    for (const now = performance.now() - began; next <= now && next < end; next += interval(order.rate)) {
      send(next);
    }
    // Timers are a millisecond apart, and answers must be read in between.
    await new Promise((resolve) =>
      next > performance.now() - began + 1 ? setTimeout(resolve, 1) : setImmediate(resolve),
    );
  }
  const deadline = performance.now() + LAST_ANSWERS_MS;
  while (idle.length + broken < ready && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  unsent += ready - idle.length;
  return { answered, unsent };
}

/** Milliseconds to the next arrival, exponentially distributed. */
function interval(rate: number): number {
  return (-Math.log(1 - Math.random()) / rate) * 1000;
}

/** One request at a time over a connection that stays open. */
class Connection {
  private head = '';
  /** Bytes of the answer that are still to come; undefined while its head is not complete. */
  private missing: number | undefined;
  private status = 0;
  private done: ((status: number | undefined) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    this.socket.on('data', (part: Buffer) => {
      this.read(part);
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.finish(undefined);
    });
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Whether another request may be sent; not while an earlier one has no answer. */
  get isOpen(): boolean {
    return !this.socket.destroyed && this.done === undefined;
  }

  /** @param done is given the status, or undefined when the connection broke */
  send(request: Buffer, done: (status: number | undefined) => void): void {
    this.done = done;
    this.head = '';
    this.missing = undefined;
    this.socket.write(request);
  }

  close(): void {
    this.done = undefined;
    this.socket.destroy();
  }

  private read(part: Buffer): void {
    if (this.missing === undefined) {
      this.head += part.toString('latin1');
      const end = this.head.indexOf(HEADER_END);
      if (end === -1) return;
      this.status = Number(this.head.slice(STATUS_START, STATUS_START + 3));
      const length = Number(CONTENT_LENGTH_PATTERN.exec(this.head)?.[1] ?? NaN);
      this.missing = end + HEADER_END.length + length - this.head.length;
    } else {
      this.missing -= part.length;
    }
    if (this.missing <= 0) this.finish(this.status);
  }

  private finish(status: number | undefined): void {
    const { done } = this;
    this.done = undefined;
    done?.(status);
  }
}
