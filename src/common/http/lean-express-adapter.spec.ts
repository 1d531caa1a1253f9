import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { type Server } from 'node:http';
import { type ConnectionLimits } from './limit-connections';
import { type ProblemDocument } from './problem';
import { LeanExpressAdapter } from './lean-express-adapter';

let adapter: LeanExpressAdapter;
let port: number;

beforeEach(async () => {
  adapter = new LeanExpressAdapter(undefined, { headersMs: 200, requestMs: 400, checkEveryMs: 50 });
  adapter.initHttpServer();
  const server = adapter.getHttpServer() as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(() => adapter.close());

/** The other side may reset a connection it has answered on: that is its right, and no failure. */
function openSocket(): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  return socket;
}

/** Everything a connection answers to these bytes until it is closed from the other side. */
async function everythingFrom(bytes: string): Promise<string> {
  const socket = openSocket();
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

async function answerTo(bytes: string): Promise<{ head: string; problem: ProblemDocument }> {
  const text = await everythingFrom(bytes);
  const [head = '', body = '{}'] = text.split('\r\n\r\n');
  return { head, problem: JSON.parse(body) as ProblemDocument };
}

describe('LeanExpressAdapter', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n', 400],
    [
      'two lengths that differ',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['headers above 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: a\r\n', 408],
  ])('answers %s with a problem document and closes', async (_what, bytes, status) => {
    const { head, problem } = await answerTo(bytes);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/Content-Type: application\/problem\+json/);
    expect(head).toMatch(/Connection: close/);
    expect(problem.status).toBe(status);
  });

  it('cuts a body that does not arrive: 408', async () => {
    adapter.post('/', (request: NodeJS.ReadableStream) => {
      request.resume();
    });
    const { problem } = await answerTo('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12');
    expect(problem.status).toBe(408);
  });

  it('cuts a body that stops after 100 Continue: 408', async () => {
    adapter.post('/', (request: NodeJS.ReadableStream) => {
      request.resume();
    });
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n';
    const text = await everythingFrom(head);
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 408 /);
    expect(text).toContain('urn:credit-scoring:problem:request-timeout');
  });

  it('cuts a slow request behind one that was answered: 408', async () => {
    adapter.get('/', (_request: unknown, response: { end(text: string): void }) => {
      response.end('here');
    });
    const text = await everythingFrom('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost:');
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 408']);
  });

  it('never puts a problem document into an answer that has begun', async () => {
    adapter.post('/', (_request: unknown, response: NodeJS.WritableStream) => {
      response.write('begun');
    });
    const text = await everythingFrom('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12');
    expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200']);
  });

  describe('connections', () => {
    /** Another server, with limits that a test can reach. */
    async function limit(limits: ConnectionLimits, trustedProxies: readonly string[] = []): Promise<void> {
      await adapter.close();
      adapter = new LeanExpressAdapter({ corsOrigins: [], trustedProxies }, undefined, limits);
      adapter.initHttpServer();
      adapter.get('/', (_request: unknown, response: { end(text: string): void }) => {
        response.end('here');
      });
      const server = adapter.getHttpServer() as Server;
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    }

    /** Asks once over a connection that stays open, and expects the answer. */
    async function ask(socket: Socket): Promise<void> {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await once(socket, 'data')).toEqual([expect.stringMatching(/^HTTP\/1\.1 200 /)]);
    }

    /** Connections that were taken, and are open and idle. */
    async function hold(count: number): Promise<Socket[]> {
      const sockets = Array.from({ length: count }, openSocket);
      for (const socket of sockets) await ask(socket);
      return sockets;
    }

    it('beyond those of one address get 429, and the open ones stay', async () => {
      await limit({ inAll: 100, perAddress: 2, requests: 100 });
      const held = await hold(2);
      const { head, problem } = await answerTo('');
      expect(problem.type).toBe('urn:credit-scoring:problem:too-many-connections');
      expect(problem.detail).toMatch(/may have 2 connections open/);
      expect(head).toMatch(/^HTTP\/1\.1 429 [^]*Retry-After: 5/);
      for (const socket of held) await ask(socket);
      for (const socket of held) socket.destroy();
    });

    it('are free again when they close', async () => {
      await limit({ inAll: 100, perAddress: 1, requests: 100 });
      for (const socket of await hold(1)) {
        socket.destroy();
        await once(socket, 'close');
      }
      await new Promise(setImmediate);
      for (const socket of await hold(1)) socket.destroy();
    });

    it('of a proxy that is named may be as many as there are', async () => {
      await limit({ inAll: 100, perAddress: 1, requests: 100 }, ['127.0.0.0/8']);
      for (const socket of await hold(3)) socket.destroy();
    });

    it('beyond those of the instance get 503', async () => {
      await limit({ inAll: 2, perAddress: 100, requests: 100 });
      const held = await hold(2);
      const { problem } = await answerTo('');
      expect(problem.type).toBe('urn:credit-scoring:problem:connections-exhausted');
      expect(problem.detail).toMatch(/takes 2 connections/);
      for (const socket of held) socket.destroy();
    });

    it('end after so many requests', async () => {
      await limit({ inAll: 100, perAddress: 100, requests: 2 });
      const text = await everythingFrom('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
      expect(text.match(/Connection: [a-z-]+/g)).toEqual(['Connection: keep-alive', 'Connection: close']);
    });
  });

  it('stops while a client keeps its connection busy', async () => {
    adapter.get('/', (_request: unknown, response: { end(text: string): void }) => {
      response.end('here');
    });
    const socket = openSocket();
    let answers = 0;
    socket.on('data', () => {
      answers += 1;
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    while (answers < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    await adapter.close();
    expect(answers).toBeGreaterThanOrEqual(10);
  });

  it('says so with what it still answers while it stops, and ends the connection', async () => {
    let stopped: Promise<void> | undefined;
    adapter.get('/', (_request: unknown, response: { end(text: string): void }) => {
      stopped ??= adapter.close();
      response.end('here');
    });
    const text = await everythingFrom('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
    expect(text.match(/Connection: [a-z-]+/g)).toEqual(['Connection: keep-alive', 'Connection: close']);
    await stopped;
  });
});
