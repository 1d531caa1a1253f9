import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { type Server, type ServerResponse } from 'node:http';
import { LeanExpressAdapter } from './lean-express-adapter';
import { type EndedRequest, watchRequests } from './watch-requests';

let adapter: LeanExpressAdapter;
let server: Server;
let ended: EndedRequest[];
let endWatch: () => void;

beforeEach(async () => {
  adapter = new LeanExpressAdapter(undefined, { headersMs: 200, requestMs: 400, checkEveryMs: 50 });
  adapter.initHttpServer();
  adapter.get('/here/:id', (_request: unknown, response: ServerResponse) => response.end('here'));
  // Waits for a body that never comes.
  adapter.post('/wait/:id', (request: NodeJS.ReadableStream) => request.resume());
  server = adapter.getHttpServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ended = [];
  endWatch = watchRequests(server, (request) => ended.push(request));
});
afterEach(async () => {
  endWatch();
  await adapter.close();
});

/** Sends bytes and waits until both sides have seen the connection close. */
async function send(bytes: string): Promise<void> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  const closed = once(socket, 'close');
  socket.write(bytes);
  const [otherSide] = await accepted;
  await Promise.all([closed, once(otherSide, 'close')]);
}

const GET_HERE = 'GET /here/1 HTTP/1.1\r\nHost: a\r\n';
const HALF_A_BODY = 'POST /wait/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12';

describe('watchRequests', () => {
  it('tells of an answered request: the pattern of its route, its status and how long it took', async () => {
    await send(`${GET_HERE}Connection: close\r\n\r\n`);
    const durationMs = expect.any(Number) as number;
    expect(ended).toEqual([{ method: 'GET', route: '/here/:id', status: 200, durationMs }]);
  });

  it.each([
    ['a body that does not arrive', HALF_A_BODY, [['POST', '/wait/:id', 408]]],
    [
      'the same after another request on its connection, where no answer can be sent',
      `${GET_HERE}\r\n${HALF_A_BODY}`,
      [
        ['GET', '/here/:id', 200],
        ['POST', '/wait/:id', 408],
      ],
    ],
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: a\r\n', [['unknown', 'unmatched', 408]]],
    [
      'an expectation Node refuses',
      `${GET_HERE}Expect: a\r\nConnection: close\r\n\r\n`,
      [['GET', 'unmatched', 417]],
    ],
  ])('tells once of %s', async (_what, bytes, expected) => {
    await send(bytes);
    expect(ended.map(({ method, route, status }) => [method, route, status])).toEqual(expected);
  });

  it('does not take a connection that is closed between requests for one', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await send(`${GET_HERE}Connection: close\r\n\r\n`);
    expect(ended).toHaveLength(1);
  });

  it('tells of no other server, and of nothing once it has ended', async () => {
    const other: EndedRequest[] = [];
    const elsewhere = new LeanExpressAdapter();
    elsewhere.initHttpServer();
    const endOther = watchRequests(elsewhere.getHttpServer(), (request) => other.push(request));
    await send(`${GET_HERE}Connection: close\r\n\r\n`);
    endWatch();
    await send(`${GET_HERE}Connection: close\r\n\r\n`);
    endOther();
    expect([ended.length, other.length]).toEqual([1, 0]);
  });
});
