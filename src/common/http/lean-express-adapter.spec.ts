import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { type Server } from 'node:http';
import { type ProblemDocument } from './problem';
import { LeanExpressAdapter } from './lean-express-adapter';

let adapter: LeanExpressAdapter;
let port: number;

beforeEach(async () => {
  adapter = new LeanExpressAdapter({ headersMs: 200, requestMs: 400, checkEveryMs: 50 });
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
async function answerTo(bytes: string): Promise<{ head: string; problem: ProblemDocument }> {
  const socket = openSocket();
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write(bytes);
  await once(socket, 'close');
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
});
