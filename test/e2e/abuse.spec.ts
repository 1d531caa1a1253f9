import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { type Server } from 'node:http';
import { type ProblemDocument } from '../../src/common/http/problem';
import { type RecordsPage } from '../../src/logging/records.service';
import { Service } from '../factories/service';

/** Requests that clients refuse to send, so they are written to the socket byte by byte. */

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.remove());

/** An answer as it came over the wire. */
interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The other side may reset a connection it has answered on: that is its right, and no failure. */
function openSocket(server: Server = service.server): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  return socket;
}

/** What is answered to these bytes, once the answer is whole or the connection closed. */
async function answerTo(bytes: string, socket = openSocket()): Promise<RawAnswer> {
  let text = '';
  const whole = new Promise<void>((resolve) => {
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (isWhole(text)) resolve();
    });
    socket.on('close', () => {
      resolve();
    });
  });
  socket.write(bytes, 'latin1');
  await whole;
  socket.destroy();
  return parseAnswer(text);
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) };
}

function isWhole(text: string): boolean {
  if (!text.includes('\r\n\r\n')) return false;
  const { status, headers, body } = parseAnswer(text);
  return (
    status === 204 || (status >= 200 && body.length >= Number(headers.get('content-length') ?? Infinity))
  );
}

function problemIn(answer: RawAnswer): ProblemDocument {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(answer.body) as ProblemDocument;
  expect(problem.status).toBe(answer.status);
  return problem;
}

const get = (target: string, ...headers: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');

const post = (body: string, ...headers: readonly string[]): string =>
  [
    'POST /predict HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');

/** As many headers with different names. */
const someHeaders = (count: number): string[] => Array.from({ length: count }, (_, index) => `X-${index}: 1`);
const someParameters = (count: number): string =>
  Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');

describe('a limit', () => {
  it.each([
    ['an address above 4,096 characters', get(`/${'a'.repeat(4_096)}`), 414, /at most 4096 characters/],
    ['a query above that', get(`/predictions?cursor=${'a'.repeat(5_000)}`), 414, /at most 4096 characters/],
    ['more than 32 parameters', get(`/predictions?${someParameters(33)}`), 400, /at most 32 query/],
    ['more than 100 headers', get('/health', ...someHeaders(100)), 431, /at most 100 headers/],
    ['more headers than Node counts', get('/health', ...someHeaders(2_300)), 431, /headers/],
    ['headers above 16 KiB', get('/health', `X: ${'x'.repeat(17_000)}`), 431, /16 KiB in all/],
    ['a first line above 16 KiB', get(`/${'a'.repeat(17_000)}`), 431, /16 KiB in all/],
    ['a page above 200 records', get('/predictions?limit=201'), 400, /named in errors/],
    ['a body above 64 KiB, by its length', post(' '.repeat(65_537)), 413, /at most 65536 bytes/],
    [
      'a body above 64 KiB, in chunks',
      `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n${' '.repeat(65_537)}\r\n`,
      413,
      /at most 65536 bytes/,
    ],
    ['a compressed body', post('{}', 'Content-Encoding: gzip'), 415, /as it is/],
  ])('is told to who sends %s', async (_what, bytes, status, detail) => {
    const answer = await answerTo(bytes);
    expect(answer.status).toBe(status);
    expect(problemIn(answer).detail).toMatch(detail);
  });

  it.each([
    ['an address of 4,096 characters', get(`/health?${'a'.repeat(4_088)}`), 200],
    ['32 parameters', get(`/health?${someParameters(32)}`), 200],
    ['100 headers', get('/health', ...someHeaders(99)), 200],
  ])('lets %s pass', async (_what, bytes, status) => {
    expect((await answerTo(bytes)).status).toBe(status);
  });
});

describe('a request of a strange form', () => {
  it.each([
    ['a host that cannot exist', get('http://[/'), 400, /send a path/],
    ['another scheme', get('ftp://a/health'), 400, /send a path/],
    ['a path without its slash', get('health'), 400, /^./],
    ['a star that asks for nothing', get('*'), 400, /send a path/],
    ['a path with broken percent-encoding', get('/predictions/%E0%A4%A'), 400, /check its path/],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400, /Host header exactly once/],
    ['two Hosts', get('/health', 'Host: b'), 400, /Host header exactly once/],
    ['no HTTP at all', 'hello\r\n\r\n', 400, /valid HTTP/],
    ['HTTP of another version', 'GET /health HTTP/3.0\r\nHost: localhost\r\n\r\n', 400, /valid HTTP/],
    ['a line break in a header', get('/health', 'X: a\rb'), 400, /valid HTTP/],
    ['a header that is folded', get('/health', 'X: a', ' b'), 400, /valid HTTP/],
    ['a space before the colon', get('/health', 'X : a'), 400, /valid HTTP/],
    ['two lengths', post('{}', 'Content-Length: 3'), 400, /valid HTTP/],
    ['a length and chunks', post('{}', 'Transfer-Encoding: chunked'), 400, /valid HTTP/],
    [
      'a length that is negative',
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
      400,
      /valid/,
    ],
    [
      'an encoding nobody knows',
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n',
      400,
      /valid/,
    ],
    ['an expectation other than 100-continue', post('{}', 'Expect: 200-ok'), 417, /100-continue/],
    [
      'TRACE',
      'TRACE /health HTTP/1.1\r\nHost: localhost\r\nX-Secret: echo\r\n\r\n',
      405,
      /answers GET, HEAD/,
    ],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n', 405, /no proxy/],
  ])('%s gets a problem document', async (_what, bytes, status, detail) => {
    const answer = await answerTo(bytes);
    expect(answer.status).toBe(status);
    const problem = problemIn(answer);
    expect(problem.detail).toMatch(detail);
    expect(answer.body).not.toContain('echo');
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/GET/);
  });

  it.each([
    ['an address with scheme and host, as proxies send it', get('http://localhost:1/health?x=1'), 200],
    ['HTTP/1.0 without Host', 'GET /health HTTP/1.0\r\n\r\n', 200],
  ])('%s is answered as ever', async (_what, bytes, status) => {
    expect((await answerTo(bytes)).status).toBe(status);
  });

  it.each(['websocket', 'h2c'])(
    'an upgrade to %s never happens: the answer is plain HTTP/1.1',
    async (to) => {
      const answer = await answerTo(get('/health/live', `Upgrade: ${to}`, 'Connection: Upgrade'));
      expect([answer.status, answer.headers.has('upgrade')]).toEqual([200, false]);
    },
  );

  it('Expect: 100-continue is answered, and then the body is read', async () => {
    const body = JSON.stringify(service.exampleBody());
    const socket = openSocket();
    const [head = '', rest = ''] = post(body, 'Expect: 100-continue').split('\r\n\r\n');
    socket.write(`${head}\r\n\r\n`);
    const [interim] = (await once(socket, 'data')) as [string];
    expect(interim).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect((await answerTo(rest, socket)).status).toBe(200);
  });

  it('two requests in one packet are both answered, in order', async () => {
    const socket = openSocket();
    let text = '';
    socket.on('data', (chunk: string) => (text += chunk));
    socket.write(get('/health/live') + get('/nowhere', 'Connection: close'));
    await once(socket, 'close');
    expect([...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(['200', '404']);
  });

  it('leaves a service that decides, and nothing in the log', async () => {
    await service.post('/predict', service.exampleBody()).expect(200);
    const answer = await service.get('/predictions?limit=200').expect(200);
    const { items } = answer.body as RecordsPage;
    expect(items.length).toBe(2);
  });
});
