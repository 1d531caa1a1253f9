import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { SERVICE_VERSION } from '../service-version';
import { sendSigned, type SendOutcome } from './send-signed';
import { signWebhook } from './sign-webhook';

const SECRET = 'a secret of the receiver';
const BODY = Buffer.from('{"event":"opened"}');

let receiver: Server;
let url: URL;
let status: number;
let received: IncomingHttpHeaders[];

beforeEach(async () => {
  received = [];
  receiver = createServer((request, response) => {
    received.push(request.headers);
    response.writeHead(status).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = new URL(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
});

afterEach(() => {
  receiver.close();
});

function send(allowPrivateAddresses = true): Promise<SendOutcome> {
  return sendSigned(
    {
      url,
      body: BODY,
      secret: SECRET,
      nowMs: 1_763_900_000_999,
      idempotencyKey: 'the same at every try',
      headers: { 'X-Alert-Id': 'an id' },
    },
    {
      allowPrivateAddresses,
      resolveName: () => Promise.resolve([]),
      timeoutMs: 5000,
      signal: new AbortController().signal,
    },
  );
}

it('signs the body with the second in which it is sent, and names itself and the message', async () => {
  status = 204;
  expect(await send()).toEqual({ result: 'arrived' });
  expect(received).toEqual([
    expect.objectContaining({
      'content-type': 'application/json',
      'user-agent': `credit-scoring/${SERVICE_VERSION}`,
      'x-signature-timestamp': '1763900000',
      'x-signature-256': signWebhook(SECRET, '1763900000', BODY),
      'idempotency-key': 'the same at every try',
      'x-alert-id': 'an id',
    }),
  ]);
});

it.each([
  [408, 'failed'],
  [429, 'failed'],
  [500, 'failed'],
  [503, 'failed'],
  [301, 'refused'],
  [400, 'refused'],
  [410, 'refused'],
])('after %d says %s', async (code, result) => {
  status = code;
  expect(await send()).toEqual({ result, reason: code });
});

it('says failed when nobody listens, refused when the address is not public', async () => {
  expect(await send(false)).toEqual({ result: 'refused', reason: 'ENOTPUBLIC' });
  receiver.close();
  await once(receiver, 'close');
  expect(await send()).toEqual({ result: 'failed', reason: 'ECONNREFUSED' });
  expect(received).toEqual([]);
});
