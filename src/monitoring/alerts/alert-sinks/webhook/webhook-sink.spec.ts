import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { ok, status, WebhookSinks } from '../../../../../test/factories/webhook-sinks';

/** Made for this test by `openssl req -x509`, valid for a hundred years, and trusted by nobody. */
const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgD2yRFJu5m7CY0vtc
HYqPZOmsmbClfbUGkvEnUfwBd3+hRANCAATO3cw0zzI0yTyu3G1erwEYfwQs17rr
H0e/WaXNu/MPhNG7ZlnoteXfGBuRbYOr37zc5sYIhr8c+xi8xHlGgsbC
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUXyBL0DbIWKJapLEjenbFxtXWC0owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzE0NTIxM1oYDzIxMjYxMDMw
MTQ1MjEzWjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATO3cw0zzI0yTyu3G1erwEYfwQs17rrH0e/WaXNu/MPhNG7ZlnoteXf
GBuRbYOr37zc5sYIhr8c+xi8xHlGgsbCo2QwYjAdBgNVHQ4EFgQUegJ8e2p4nt5i
1fOu5pJAkZ5B9VswHwYDVR0jBBgwFoAUegJ8e2p4nt5i1fOu5pJAkZ5B9VswDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
IC8HVApw+8EKxWlg3uo00FSl8ADorSQGXdoBSll7qOBuAiB7ky9CxhEOzorvqV2p
yHx0rDn5l9XnSHHssb1bxIjUuw==
-----END CERTIFICATE-----
`,
};

const hangUp = (response: ServerResponse): void => {
  response.socket?.destroy();
};
const silence = (): void => undefined;

let sinks: WebhookSinks;
beforeEach(() => {
  sinks = WebhookSinks.make();
});
afterEach(() => sinks.close());

describe('a webhook', () => {
  it('is a signed JSON document', async () => {
    const receiver = await sinks.startReceiver(ok);
    const notice = sinks.aNotice();
    expect(await sinks.sinkFor(receiver).deliver(notice)).toBe('settled');

    const [received] = receiver.received;
    if (received === undefined) throw new Error('nothing was received');
    expect(received).toMatchObject({ method: 'POST', url: '/hooks/token-of-the-path?key=of-the-query' });
    expect(received.headers).toMatchObject({
      'content-type': 'application/json',
      'x-alert-id': notice.alert.id,
      'idempotency-key': notice.id,
      'x-signature-timestamp': String(Math.floor(WebhookSinks.NOW / 1000)),
    });
    const signature = Buffer.from(String(received.headers['x-signature-256']));
    const expected = createHmac('sha256', WebhookSinks.SECRET)
      .update(`${String(received.headers['x-signature-timestamp'])}.${received.body}`)
      .digest('hex');
    expect(timingSafeEqual(signature, Buffer.from(`sha256=${expected}`))).toBe(true);
    expect(JSON.parse(received.body)).toEqual({
      event: 'opened',
      alert: notice.alert,
      text: expect.stringContaining('creditLimit has drifted') as string,
      sentAt: notice.at,
      service: 'credit-scoring',
      version: WebhookSinks.VERSION,
    });
    expect(sinks.lines).toEqual([]);
  });

  it.each([
    { what: '503', answer: status(503) },
    { what: '500', answer: status(500) },
    { what: '408', answer: status(408) },
    { what: '429', answer: status(429) },
    { what: 'a connection that breaks', answer: hangUp },
    { what: 'a switch of protocols', answer: status(101, { Connection: 'Upgrade', Upgrade: 'other' }) },
  ])('is tried again after $what, with the same key and body', async ({ answer }) => {
    const receiver = await sinks.startReceiver(answer, answer, ok);
    expect(await sinks.sinkFor(receiver).deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(sinks.lines).toEqual([]);
  });

  it('is tried again when no answer comes in time', async () => {
    const receiver = await sinks.startReceiver(silence, ok);
    expect(await sinks.sinkFor(receiver, { timeoutMs: 100 }).deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(2);
  });

  it('is not read: an answer without end settles it', async () => {
    const receiver = await sinks.startReceiver((response) => {
      response.writeHead(200);
      response.write('x'.repeat(1000));
    });
    expect(await sinks.sinkFor(receiver).deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(1);
    expect(sinks.lines).toEqual([]);
  });

  it.each([400, 401, 404, 410, 422])('is given up at once after %d, which would come again', async (code) => {
    const receiver = await sinks.startReceiver(status(code), ok);
    expect(await sinks.sinkFor(receiver).deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(1);
    expect(sinks.lines).toEqual([expect.objectContaining({ code: `HTTP ${code}`, tries: 1 })]);
  });

  it('is given up after eight tries', async () => {
    const receiver = await sinks.startReceiver(status(503));
    expect(await sinks.sinkFor(receiver).deliver(sinks.aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(8);
    expect(sinks.lines).toEqual([expect.objectContaining({ code: 'HTTP 503', tries: 8 })]);
  });

  it.each([301, 302, 307, 308])('does not follow a redirect: %d', async (code) => {
    const elsewhere = await sinks.startReceiver(ok);
    const receiver = await sinks.startReceiver(
      status(code, { Location: `http://127.0.0.1:${elsewhere.port}/` }),
    );
    await sinks.sinkFor(receiver).deliver(sinks.aNotice());

    expect(elsewhere.received).toEqual([]);
    expect(sinks.lines).toEqual([
      expect.objectContaining({ msg: expect.stringContaining('redirects are not followed') as string }),
    ]);
  });

  it('keeps path, query and secret out of the log', async () => {
    const receiver = await sinks.startReceiver(status(404));
    await sinks.sinkFor(receiver).deliver(sinks.aNotice());
    await sinks
      .sinkTo('http://127.0.0.1:1/hooks/token-of-the-path?key=of-the-query', { tries: 1 })
      .deliver(sinks.aNotice());

    expect(sinks.lines).toHaveLength(2);
    expect(JSON.stringify(sinks.lines)).not.toMatch(/token-of-the-path|of-the-query|a secret/);
  });

  it('needs a certificate that can be verified', async () => {
    const server = createTlsServer(SELF_SIGNED, (_request, response) => {
      ok(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await sinks.sinkTo(`https://127.0.0.1:${port}/`, { tries: 1 }).deliver(sinks.aNotice());
    } finally {
      server.close();
    }

    expect(sinks.lines).toEqual([expect.objectContaining({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })]);
  });
});

describe('the queue', () => {
  it('keeps the order', async () => {
    const receiver = await sinks.startReceiver(status(503), ok);
    const sink = sinks.sinkFor(receiver);
    const given = [sinks.aNotice(), sinks.aNotice(), sinks.aNotice()];
    await Promise.all(given.map((notice) => sink.deliver(notice)));

    expect(receiver.received.slice(1).map(({ headers }) => headers['idempotency-key'])).toEqual(
      given.map(({ id }) => id),
    );
  });

  it('drops the oldest that waits when it is full, and says so', async () => {
    const receiver = await sinks.startReceiver(ok);
    const sink = sinks.sinkFor(receiver, { mostWaiting: 2 });
    const given = [sinks.aNotice(), sinks.aNotice(), sinks.aNotice(), sinks.aNotice()];
    const outcomes = await Promise.all(given.map((notice) => sink.deliver(notice)));

    expect(outcomes).toEqual(['settled', 'settled', 'settled', 'settled']);
    const [sent, , third, fourth] = given;
    expect(receiver.received.map(({ headers }) => headers['idempotency-key'])).toEqual([
      sent?.id,
      third?.id,
      fourth?.id,
    ]);
    expect(sinks.lines).toEqual([expect.objectContaining({ code: 'queue full', tries: 0 })]);
  });
});

describe('close', () => {
  it('interrupts what is sent, what rests and what waits, and leaves it to the next start', async () => {
    const receiver = await sinks.startReceiver(silence);
    const sink = sinks.sinkFor(receiver, { timeoutMs: 1e8 });
    const outcomes = Promise.all([sink.deliver(sinks.aNotice()), sink.deliver(sinks.aNotice())]);
    await until(() => receiver.received.length === 1);
    await sink.close();

    expect(await outcomes).toEqual(['interrupted', 'interrupted']);
    expect(await sink.deliver(sinks.aNotice())).toBe('interrupted');
    expect(sinks.lines).toEqual([]);
  });

  it('interrupts a pause between two tries', async () => {
    const receiver = await sinks.startReceiver(status(503));
    const sink = sinks.sinkFor(receiver, { firstPauseMs: 1e9, longestPauseMs: 1e9 });
    const outcome = sink.deliver(sinks.aNotice());
    await until(() => receiver.received.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sink.close();

    expect(await outcome).toBe('interrupted');
  });

  it('leaves no connection behind', async () => {
    const receiver = await sinks.startReceiver(ok);
    await sinks.sinkFor(receiver).deliver(sinks.aNotice());
    await receiver.stop();

    const socket = connect(receiver.port, '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
