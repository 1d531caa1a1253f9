import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request that came, and when. */
export interface ReceivedCallback {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Somebody else's server on loopback that keeps what it is sent. */
export class CallbackReceiver {
  readonly received: ReceivedCallback[] = [];
  /** What it answers, in this order; 200 afterwards. */
  readonly statuses: number[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<CallbackReceiver> {
    const server = createServer();
    const receiver = new CallbackReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        receiver.received.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.statusCode = receiver.statuses.shift() ?? 200;
        response.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('It does not listen on a port');
    return `http://127.0.0.1:${address.port}/results`;
  }

  /** Waits until so many requests came. */
  async receive(count: number): Promise<readonly ReceivedCallback[]> {
    const deadline = Date.now() + 20_000;
    while (this.received.length < count) {
      if (Date.now() > deadline) throw new Error(`Only ${this.received.length} of ${count} callbacks came`);
      await sleep(20);
    }
    return this.received;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close').catch(() => undefined);
  }
}
