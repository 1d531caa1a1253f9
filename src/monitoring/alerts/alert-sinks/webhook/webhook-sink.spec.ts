import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { Logger, type LoggerService } from '@nestjs/common';
import { someAlert } from '../../../../../test/factories/monitoring';
import { type AlertNotice } from '../../alert-state';
import { WebhookSink, type WebhookTuning } from './webhook-sink';

const SECRET = 'a secret of the receiver';
const VERSION = '1.2.3';
const NOW = Date.UTC(2026, 10, 23, 12, 30, 15, 250);

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

/** What a receiver got. */
interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A web server on loopback that answers each request by the next of its answers, and by the last from then on. */
class Receiver {
  readonly received: Received[] = [];
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(...answers: readonly ((response: ServerResponse) => void)[]): Promise<Receiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        receiver.received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
        const answer = answers[Math.min(receiver.received.length, answers.length) - 1];
        answer?.(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new Receiver(server, (server.address() as AddressInfo).port);
    receivers.push(receiver);
    return receiver;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

const ok = (response: ServerResponse): void => {
  response.writeHead(204).end();
};
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(code, headers).end('an answer that nobody reads');
  };
const hangUp = (response: ServerResponse): void => {
  response.socket?.destroy();
};
const silence = (): void => undefined;

const receivers: Receiver[] = [];
const sinks: WebhookSink[] = [];
const lines: unknown[] = [];

const listening: LoggerService = {
  log: (line: unknown) => lines.push(line),
  warn: (line: unknown) => lines.push(line),
  error: (line: unknown) => lines.push(line),
};

beforeAll(() => {
  Logger.overrideLogger(listening);
});
afterAll(() => {
  Logger.overrideLogger(false);
});
afterEach(async () => {
  await Promise.all(sinks.splice(0).map((sink) => sink.close()));
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
  lines.length = 0;
});

function sinkTo(url: string, tuning: Partial<WebhookTuning> = {}, allowPrivateAddresses = true): WebhookSink {
  const sink = new WebhookSink({ url, secret: SECRET, allowPrivateAddresses }, VERSION, () => NOW, {
    firstPauseMs: 1,
    longestPauseMs: 2,
    ...tuning,
  });
  sinks.push(sink);
  return sink;
}

function sinkFor(receiver: Receiver, tuning: Partial<WebhookTuning> = {}): WebhookSink {
  return sinkTo(`http://127.0.0.1:${receiver.port}/hooks/token-of-the-path?key=of-the-query`, tuning);
}

let notices = 0;
function aNotice(differences: Partial<AlertNotice> = {}): AlertNotice {
  notices += 1;
  return {
    id: `00000000-0000-4000-8000-${String(notices).padStart(12, '0')}`,
    event: 'opened',
    at: '2026-11-23T12:30:00.000Z',
    alert: someAlert(),
    waitingFor: ['webhook'],
    ...differences,
  };
}

describe('a webhook', () => {
  it('is a signed JSON document', async () => {
    const receiver = await Receiver.start(ok);
    const notice = aNotice();
    expect(await sinkFor(receiver).deliver(notice)).toBe('settled');

    const [received] = receiver.received;
    if (received === undefined) throw new Error('nothing was received');
    expect(received).toMatchObject({ method: 'POST', url: '/hooks/token-of-the-path?key=of-the-query' });
    expect(received.headers).toMatchObject({
      'content-type': 'application/json',
      'x-alert-id': notice.alert.id,
      'idempotency-key': notice.id,
      'x-signature-timestamp': String(Math.floor(NOW / 1000)),
    });
    const signature = Buffer.from(String(received.headers['x-signature-256']));
    const expected = createHmac('sha256', SECRET)
      .update(`${String(received.headers['x-signature-timestamp'])}.${received.body}`)
      .digest('hex');
    expect(timingSafeEqual(signature, Buffer.from(`sha256=${expected}`))).toBe(true);
    expect(JSON.parse(received.body)).toEqual({
      event: 'opened',
      alert: notice.alert,
      text: expect.stringContaining('creditLimit has drifted') as string,
      sentAt: notice.at,
      service: 'credit-scoring',
      version: VERSION,
    });
    expect(lines).toEqual([]);
  });

  it.each([
    { what: '503', answer: status(503) },
    { what: '500', answer: status(500) },
    { what: '408', answer: status(408) },
    { what: '429', answer: status(429) },
    { what: 'a connection that breaks', answer: hangUp },
    { what: 'a switch of protocols', answer: status(101, { Connection: 'Upgrade', Upgrade: 'other' }) },
  ])('is tried again after $what, with the same key and body', async ({ answer }) => {
    const receiver = await Receiver.start(answer, answer, ok);
    expect(await sinkFor(receiver).deliver(aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(lines).toEqual([]);
  });

  it('is tried again when no answer comes in time', async () => {
    const receiver = await Receiver.start(silence, ok);
    expect(await sinkFor(receiver, { timeoutMs: 100 }).deliver(aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(2);
  });

  it('is not read: an answer without end settles it', async () => {
    const receiver = await Receiver.start((response) => {
      response.writeHead(200);
      response.write('x'.repeat(1000));
    });
    expect(await sinkFor(receiver).deliver(aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it.each([400, 401, 404, 410, 422])('is given up at once after %d, which would come again', async (code) => {
    const receiver = await Receiver.start(status(code), ok);
    expect(await sinkFor(receiver).deliver(aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(1);
    expect(lines).toEqual([expect.objectContaining({ code: `HTTP ${code}`, tries: 1 })]);
  });

  it('is given up after eight tries', async () => {
    const receiver = await Receiver.start(status(503));
    expect(await sinkFor(receiver).deliver(aNotice())).toBe('settled');

    expect(receiver.received).toHaveLength(8);
    expect(lines).toEqual([expect.objectContaining({ code: 'HTTP 503', tries: 8 })]);
  });

  it.each([301, 302, 307, 308])('does not follow a redirect: %d', async (code) => {
    const elsewhere = await Receiver.start(ok);
    const receiver = await Receiver.start(status(code, { Location: `http://127.0.0.1:${elsewhere.port}/` }));
    await sinkFor(receiver).deliver(aNotice());

    expect(elsewhere.received).toEqual([]);
    expect(lines).toEqual([
      expect.objectContaining({ msg: expect.stringContaining('redirects are not followed') as string }),
    ]);
  });

  it('keeps path, query and secret out of the log', async () => {
    const receiver = await Receiver.start(status(404));
    await sinkFor(receiver).deliver(aNotice());
    await sinkTo('http://127.0.0.1:1/hooks/token-of-the-path?key=of-the-query', { tries: 1 }).deliver(
      aNotice(),
    );

    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toMatch(/token-of-the-path|of-the-query|a secret/);
  });

  it('needs a certificate that can be verified', async () => {
    const server = createTlsServer(SELF_SIGNED, (_request, response) => {
      ok(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await sinkTo(`https://127.0.0.1:${port}/`, { tries: 1 }).deliver(aNotice());
    } finally {
      server.close();
    }

    expect(lines).toEqual([expect.objectContaining({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })]);
  });
});

describe('an address that is not public', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '10.1.2.3',
    '169.254.169.254',
    '[::1]',
    '[fd00::1]',
  ])('is refused: %s', async (host) => {
    const receiver = await Receiver.start(ok);
    const sink = sinkTo(`http://${host}:${receiver.port}/`, {}, false);
    expect(await sink.deliver(aNotice())).toBe('settled');

    expect(receiver.received).toEqual([]);
    expect(lines).toEqual([
      expect.objectContaining({
        code: 'ENOTPUBLIC',
        tries: 1,
        msg: expect.stringContaining('ALERT_WEBHOOK_PRIVATE=allow') as string,
      }),
    ]);
  });

  it.each([
    { what: 'alone', addresses: ['127.0.0.1'] },
    { what: 'beside a public one', addresses: ['93.184.216.34', '127.0.0.1'] },
    { what: 'in IPv6', addresses: ['::ffff:127.0.0.1'] },
  ])('is refused when a public-looking name leads there: $what', async ({ addresses }) => {
    const receiver = await Receiver.start(ok);
    const sink = sinkTo(
      `http://hooks.example.com:${receiver.port}/`,
      { resolveName: () => Promise.resolve(addresses.map((address) => ({ address, family: 4 }))) },
      false,
    );
    await sink.deliver(aNotice());

    expect(receiver.received).toEqual([]);
    expect(lines).toEqual([expect.objectContaining({ code: 'ENOTPUBLIC' })]);
  });

  it('is found out at every try: a name that was public before is refused when it no longer is', async () => {
    const receiver = await Receiver.start(ok);
    let lookups = 0;
    const sink = sinkTo(
      `http://hooks.example.com:${receiver.port}/`,
      {
        // A public address on a port where nothing answers: the timeout ends the first try.
        timeoutMs: 50,
        resolveName: () => {
          lookups += 1;
          if (lookups === 1) return new Promise(() => undefined);
          return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
        },
      },
      false,
    );
    await sink.deliver(aNotice());

    expect(lookups).toBe(2);
    expect(receiver.received).toEqual([]);
    expect(lines).toEqual([expect.objectContaining({ code: 'ENOTPUBLIC', tries: 2 })]);
  });

  it('is sent to when that is allowed, through the name', async () => {
    const receiver = await Receiver.start(ok);
    const sink = sinkTo(`http://hooks.example.com:${receiver.port}/`, {
      resolveName: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    });
    expect(await sink.deliver(aNotice())).toBe('settled');

    expect(receiver.received[0]?.headers.host).toBe(`hooks.example.com:${receiver.port}`);
  });

  it('is tried again when the name cannot be looked up, then given up', async () => {
    const sink = sinkTo(
      'http://hooks.example.com/',
      { tries: 3, resolveName: () => Promise.resolve([]) },
      false,
    );
    await sink.deliver(aNotice());

    expect(lines).toEqual([expect.objectContaining({ code: 'ENOTFOUND', tries: 3 })]);
  });
});

describe('the queue', () => {
  it('keeps the order', async () => {
    const receiver = await Receiver.start(status(503), ok);
    const sink = sinkFor(receiver);
    const given = [aNotice(), aNotice(), aNotice()];
    await Promise.all(given.map((notice) => sink.deliver(notice)));

    expect(receiver.received.slice(1).map(({ headers }) => headers['idempotency-key'])).toEqual(
      given.map(({ id }) => id),
    );
  });

  it('drops the oldest that waits when it is full, and says so', async () => {
    const receiver = await Receiver.start(ok);
    const sink = sinkFor(receiver, { mostWaiting: 2 });
    const given = [aNotice(), aNotice(), aNotice(), aNotice()];
    const outcomes = await Promise.all(given.map((notice) => sink.deliver(notice)));

    expect(outcomes).toEqual(['settled', 'settled', 'settled', 'settled']);
    const [sent, , third, fourth] = given;
    expect(receiver.received.map(({ headers }) => headers['idempotency-key'])).toEqual([
      sent?.id,
      third?.id,
      fourth?.id,
    ]);
    expect(lines).toEqual([expect.objectContaining({ code: 'queue full', tries: 0 })]);
  });
});

describe('close', () => {
  it('interrupts what is sent, what rests and what waits, and leaves it to the next start', async () => {
    const receiver = await Receiver.start(silence);
    const sink = sinkFor(receiver, { timeoutMs: 1e8 });
    const outcomes = Promise.all([sink.deliver(aNotice()), sink.deliver(aNotice())]);
    await until(() => receiver.received.length === 1);
    await sink.close();

    expect(await outcomes).toEqual(['interrupted', 'interrupted']);
    expect(await sink.deliver(aNotice())).toBe('interrupted');
    expect(lines).toEqual([]);
  });

  it('interrupts a pause between two tries', async () => {
    const receiver = await Receiver.start(status(503));
    const sink = sinkFor(receiver, { firstPauseMs: 1e9, longestPauseMs: 1e9 });
    const outcome = sink.deliver(aNotice());
    await until(() => receiver.received.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sink.close();

    expect(await outcome).toBe('interrupted');
  });

  it('leaves no connection behind', async () => {
    const receiver = await Receiver.start(ok);
    await sinkFor(receiver).deliver(aNotice());
    await receiver.stop();
    receivers.splice(0);

    const socket = connect(receiver.port, '127.0.0.1');
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
