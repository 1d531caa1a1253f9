import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import request from 'supertest';
import { AppModule } from '../../src/app.module';
import { LeanExpressAdapter } from '../../src/common/http/lean-express-adapter';
import { type ProblemDocument } from '../../src/common/http/problem';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { parseBundle } from '../../src/scoring/bundle/parse-bundle';
import { readBundleFile } from '../factories/bundle';
import { SECRET, writeApplication, writeLines, writeRequest } from '../fixtures/bad-inputs/bad-input';

/** Of the service, so that tests need not wait for its usual half minute. */
const LIMITS = { headersMs: 300, requestMs: 600, checkEveryMs: 50 };
/** Between the pieces of what trickles: often enough to seem alive, and too slow to be whole in time. */
const TRICKLE_MS = 40;

const { inputs } = parseBundle('model.json', readBundleFile('credit-default', 'model.json'));
const example = Object.fromEntries(inputs.map((input) => [input.name, input.example]));
const good = writeRequest(writeApplication(example, {}));
const goodAndLast = writeRequest(writeApplication(example, {}), { headers: ['Connection: close'] });
const head = (...lines: readonly string[]): Buffer =>
  writeLines('POST /predict HTTP/1.1', 'Host: a', 'Content-Type: application/json', ...lines);

let app: INestApplication;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-slow-'));
  const configuration = parseConfiguration({ PORT: '0', DATA_DIR: folder });
  const root = AppModule.forRoot(configuration, () => undefined, Date.now);
  // As `createApplication` does, with less patience.
  app = await NestFactory.create(root, new LeanExpressAdapter(configuration.http, LIMITS), {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** The other side may reset a connection it has answered on: that is its right, and no failure. */
function openSocket(): Socket {
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  return socket;
}

/** Sends piece after piece until there are no more or the connection ends, and waits for its end. */
async function everythingFrom(
  socket: Socket,
  pieces: Iterable<Buffer | string>,
  pauseMs: number,
): Promise<string> {
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    if (socket.destroyed || !socket.writable) break;
    socket.write(piece);
    await delay(pauseMs);
  }
  await closed;
  return text;
}

function* repeat(first: Buffer | string, piece: string): Generator<Buffer | string> {
  yield first;
  for (;;) yield piece;
}

function* letters(bytes: Buffer): Generator<string> {
  for (const letter of bytes.toString('latin1')) yield letter;
}

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

async function expectGoodService(): Promise<void> {
  await request(app.getHttpServer() as Server)
    .post('/predict')
    .send(example)
    .expect(200);
}

describe('who sends slowly', () => {
  it.each([
    ['a first line that does not end', () => ['POST /pre']],
    ['a first line letter by letter', () => letters(good)],
    ['empty lines without end', () => repeat('', '\r\n')],
    ['headers that do not end', () => [`POST /predict HTTP/1.1\r\nHost: a\r\nX: ${SECRET}`]],
    ['one header after the other', () => repeat('POST /predict HTTP/1.1\r\nHost: a\r\n', 'X: 1\r\n')],
    ['no body', () => [head('Content-Length: 10')]],
    ['half a body', () => [head('Content-Length: 100'), `{"clientId":"${SECRET}`]],
    ['a body byte by byte', () => repeat(head('Content-Length: 60000'), ' ')],
    ['no chunk', () => [head('Transfer-Encoding: chunked')]],
    ['a chunk that does not end', () => [head('Transfer-Encoding: chunked'), '10\r\n{']],
    ['chunks of a byte without end', () => repeat(head('Transfer-Encoding: chunked'), '1\r\n \r\n')],
    ['chunks that never come to the last', () => [head('Transfer-Encoding: chunked'), '2\r\n{}\r\n']],
    [
      'trailers without end',
      () => repeat(Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('0\r\n')]), 'X: 1\r\n'),
    ],
    ['a body after 100 Continue never', () => [head('Content-Length: 10', 'Expect: 100-continue')]],
    [
      'a batch byte by byte',
      () => repeat(writeRequest('[', { target: '/predict/batch', length: '60000' }), ' '),
    ],
  ])('%s: 408, a problem document, and the connection ends', async (_what, pieces) => {
    const text = await everythingFrom(openSocket(), pieces(), TRICKLE_MS);
    expect(statusesOf(text).at(-1)).toBe(408);
    const problem = JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n'))) as ProblemDocument;
    expect(problem.type).toBe('urn:credit-scoring:problem:request-timeout');
    expect(text).toContain('Connection: close');
    expect(text).not.toContain(SECRET);
    await expectGoodService();
  });

  it('says nothing at all: the connection ends with 408', async () => {
    const text = await everythingFrom(openSocket(), [], 0);
    expect(statusesOf(text)).toEqual([408]);
    await expectGoodService();
  });
});

describe('who sends more than one request at once', () => {
  it.each([
    ['a good one and a bad one', [good, writeRequest('{}', { headers: ['Connection: close'] })], [200, 400]],
    [
      'a bad one, a good one and a bad one',
      [writeRequest('{}'), good, writeRequest('[', { headers: ['Connection: close'] })],
      [400, 200, 400],
    ],
    ['one that is too large and a good one', [writeRequest(' '.repeat(70_000)), goodAndLast], [413, 200]],
    [
      'one of another media type and a good one',
      [writeRequest('{}', { type: 'text/plain' }), goodAndLast],
      [415, 200],
    ],
    ['a good one and half a one', [good, good.subarray(0, -5)], [200, 408]],
    [
      'fifty bad ones',
      [
        ...Array.from({ length: 49 }, () => writeRequest('{')),
        writeRequest('{', { headers: ['Connection: close'] }),
      ],
      Array.from({ length: 50 }, () => 400),
    ],
  ])('%s: each is answered in its turn', async (_what, requests, statuses) => {
    const text = await everythingFrom(openSocket(), [Buffer.concat(requests)], 0);
    expect(statusesOf(text)).toEqual(statuses);
    expect(text).not.toContain(SECRET);
    await expectGoodService();
  });
});

describe('who is gone before the answer', () => {
  it.each([
    ['before the first byte', ''],
    ['within the first line', 'POST /pr'],
    ['within the headers', 'POST /predict HTTP/1.1\r\nHost: a\r\nCont'],
    ['within the body', Buffer.concat([head('Content-Length: 100'), Buffer.from('{"credit')])],
    ['within a chunk', Buffer.concat([head('Transfer-Encoding: chunked'), Buffer.from('ff\r\n{')])],
    ['behind a whole request', good],
    ['behind a hundred requests', Buffer.concat(Array.from({ length: 100 }, () => good))],
  ])('%s: the service decides on', async (_when, bytes) => {
    const socket = openSocket();
    await once(socket, 'connect');
    if (bytes.length > 0) await new Promise((resolve) => socket.write(bytes, resolve));
    socket.resetAndDestroy();
    await expectGoodService();
  });
});
