import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '../factories/servers/find-free-port';
import { NginxInFront } from './nginx-in-front';

/** Above client_max_body_size. */
const TOO_LARGE = 'x'.repeat(4 * 1024 * 1024 + 1);

/** A tenth of the requests looks at an instance: among so many there is a look at each, but for one run in 10^9. */
const ENOUGH_REQUESTS = 600;

/** Something that listens like an instance and notes what it is asked by callers. */
class Instance {
  readonly asked: IncomingMessage[] = [];
  /** What it says to nginx. */
  ready = true;
  /** What it does with a request; a test may change it. */
  act: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.end('decided');
  };

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/health/ready') {
        response.writeHead(this.ready ? 200 : 503).end();
        return;
      }
      this.asked.push(request);
      request.resume();
      request.on('end', () => {
        this.act(request, response);
      });
    });
  }

  static async start(): Promise<Instance> {
    const instance = new Instance(createServer(), await findFreePort());
    await instance.listen();
    return instance;
  }

  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

let instances: readonly [Instance, Instance, Instance];
let nginx: NginxInFront;
beforeEach(async () => {
  instances = [await Instance.start(), await Instance.start(), await Instance.start()];
  nginx = await NginxInFront.start(instances.map(({ port }) => port));
});
afterEach(async () => {
  await nginx.remove();
  await Promise.all(instances.map((instance) => instance.stop()));
});

function ask(path: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${nginx.port}${path}`, options);
}

function counts(): [number, number, number] {
  const [first, second, third] = instances;
  return [first.asked.length, second.asked.length, third.asked.length];
}

function asked(): IncomingMessage[] {
  return instances.flatMap((instance) => instance.asked);
}

function find(path: string): IncomingMessage | undefined {
  return asked().find(({ url }) => url === path);
}

/** Status, media type and document of a refusal. */
async function readProblem(response: Response): Promise<object> {
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    document: (await response.json()) as object,
  };
}

/** Sends bytes as they are, and reads until the connection ends. */
async function sendRaw(bytes: string): Promise<string> {
  const socket = connect(nginx.port, '127.0.0.1');
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (part: Buffer) => (received += part.toString()));
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

describe('what nginx passes on', () => {
  it('goes to all instances, over connections that are kept', async () => {
    for (let request = 0; request < 30; request++) await ask('/predict', { method: 'POST', body: '{}' });
    expect(Math.min(...counts())).toBeGreaterThan(0);
    expect(counts().reduce((sum, count) => sum + count)).toBe(30);
    const connections = new Set(asked().map(({ socket }) => socket));
    // Each worker of nginx has connections of its own: far fewer than requests.
    expect(connections.size).toBeLessThan(15);
  });

  it('says where it came from, for whom, and by which id', async () => {
    await ask('/predictions?clientId=c-1', {
      headers: { 'X-Request-Id': 'desk-17', 'X-Forwarded-For': '203.0.113.9' },
    });
    expect(asked()[0]).toMatchObject({
      url: '/predictions?clientId=c-1',
      headers: {
        host: `127.0.0.1:${nginx.port}`,
        'x-request-id': 'desk-17',
        // The instance believes the last one only, which is nginx's own.
        'x-forwarded-for': '203.0.113.9, 127.0.0.1',
        'x-forwarded-proto': 'http',
      },
    });
    await ask('/health');
    expect(find('/health')?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is not touched on its way: the address byte for byte, a body of 4 MiB', async () => {
    await sendRaw('GET /a//b/%2e%2E/c%2Fd?x=%00&y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(asked()[0]?.url).toBe('/a//b/%2e%2E/c%2Fd?x=%00&y');
    const { status } = await ask('/predict/batch', { method: 'POST', body: TOO_LARGE.slice(1) });
    expect(status).toBe(200);
    expect(find('/predict/batch')?.headers['content-length']).toBe(String(4 * 1024 * 1024));
  });

  it('comes back as it was answered, refusals too', async () => {
    for (const instance of instances) {
      instance.act = (_request, response) => {
        response.writeHead(503, { 'Content-Type': 'application/problem+json', 'Retry-After': '7' });
        response.end('{"title":"The service is overloaded"}');
      };
    }
    for (let request = 0; request < 20; request++) {
      const response = await ask('/predict', { method: 'POST', body: '{}' });
      expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([
        503,
        '7',
        '{"title":"The service is overloaded"}',
      ]);
    }
    // Asked once each: the other instances are not burdened, too, and none is taken for dead.
    expect(asked()).toHaveLength(20);
  });
});

describe('an instance that fails', () => {
  it('is not asked twice to decide: what was sent may have been done', async () => {
    for (const instance of instances) {
      instance.act = (request) => {
        request.socket.destroy();
      };
    }
    const response = await ask('/predict', { method: 'POST', body: '{}' });
    expect(asked()).toHaveLength(1);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await readProblem(response)).toMatchObject({
      status: 502,
      type: 'application/problem+json',
      document: { status: 502, detail: expect.stringContaining('Idempotency-Key') as string },
    });
  });

  it('costs no request when it has stopped, neither POST nor GET', async () => {
    await instances[0].stop();
    await instances[2].stop();
    for (let request = 0; request < 20; request++) {
      expect((await ask('/predict', { method: 'POST', body: '{}' })).status).toBe(200);
      expect((await ask('/predictions')).status).toBe(200);
    }
    expect(counts()).toEqual([0, 40, 0]);
  });

  it('costs no reader when it breaks off: another one is asked', async () => {
    instances[0].act = instances[1].act = (request) => {
      request.socket.destroy();
    };
    for (let request = 0; request < 6; request++) expect((await ask('/predictions')).status).toBe(200);
  });

  it('is asked again five seconds after it came back', async () => {
    await instances[0].stop();
    for (let request = 0; request < 20; request++) await ask('/predictions');
    await instances[0].listen();
    // nginx counts whole seconds: four of them are over after five at the latest.
    await delay(5100);
    for (let request = 0; request < 20; request++) await ask('/predictions');
    expect(instances[0].asked.length).toBeGreaterThan(0);
  });
});

describe('an instance that is not ready', () => {
  async function askOften(): Promise<Set<number>> {
    const statuses = new Set<number>();
    for (let request = 0; request < ENOUGH_REQUESTS; request++) {
      statuses.add((await ask('/predict', { method: 'POST', body: '{}' })).status);
    }
    return statuses;
  }

  it('is left out before it stops, and no request fails that it got until then', async () => {
    instances[1].ready = false;
    expect(await askOften()).toEqual(new Set([200]));
    const before = counts();
    expect(await askOften()).toEqual(new Set([200]));
    const after = counts();
    expect(after[1]).toBe(before[1]);
    expect(Math.min(after[0] - before[0], after[2] - before[2])).toBeGreaterThan(0);
  });

  it('is asked all the same when no other one is: what it says reaches the caller', async () => {
    for (const instance of instances) {
      instance.ready = false;
      instance.act = (_request, response) => {
        response.writeHead(503, { 'Retry-After': '1' }).end('The log cannot be written');
      };
    }
    expect(await askOften()).toEqual(new Set([503]));
    expect(asked()).toHaveLength(ENOUGH_REQUESTS);
    for (const instance of instances) {
      instance.act = (_request, response) => {
        response.end('decided');
      };
    }
    expect((await ask('/predict', { method: 'POST', body: '{}' })).status).toBe(200);
  });
});

describe('what nginx answers itself', () => {
  it('is a problem document when nobody is there', async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    const response = await ask('/predict', {
      method: 'POST',
      body: '{}',
      headers: { 'X-Request-Id': 'r-1' },
    });
    expect([response.headers.get('x-request-id'), response.headers.get('retry-after')]).toEqual(['r-1', '1']);
    expect(await readProblem(response)).toMatchObject({
      status: 502,
      type: 'application/problem+json',
      document: { type: 'urn:credit-scoring:problem:no-answer', status: 502 },
    });
  });

  it('is a problem document for a body above 4 MiB', async () => {
    const response = await ask('/predict/batch', { method: 'POST', body: TOO_LARGE });
    expect(await readProblem(response)).toMatchObject({
      status: 413,
      type: 'application/problem+json',
      document: { type: 'urn:credit-scoring:problem:payload-too-large', status: 413 },
    });
    expect(asked()).toEqual([]);
  });

  it.each([
    ['is no HTTP', 'GET / HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n', 400],
    ['has a header above 16 KiB', `GET / HTTP/1.1\r\nHost: a\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['has an address above 16 KiB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ['asks for an echo', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405],
    ['is encoded in a way of its own', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: own\r\n\r\n', 501],
    ['is HTTP/2 in words', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ])('is a problem document for what %s', async (_what, bytes, status) => {
    const answer = await sendRaw(bytes);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(answer).toContain(`"status":${status},`);
    expect(asked()).toEqual([]);
  });

  it.each(['/metrics', '/metrics/', '/Metrics?a'])(
    'has no metrics of an instance by chance: %s',
    async (path) => {
      expect(await readProblem(await ask(path))).toMatchObject({
        status: 404,
        type: 'application/problem+json',
        document: { status: 404 },
      });
      expect(asked()).toEqual([]);
    },
  );

  it('says that it runs', async () => {
    expect((await ask('/nginx-health')).status).toBe(200);
    expect(asked()).toEqual([]);
  });

  it('carries no id of a request that the service would not take', async () => {
    const response = await ask('/metrics', { headers: { 'X-Request-Id': '<script>"' } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps slow callers away from the instances: a body comes when it is complete', async () => {
    const socket = connect(nginx.port, '127.0.0.1');
    socket.write('POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    await delay(300);
    expect(asked()).toEqual([]);
    socket.write('a body');
    await once(socket, 'data');
    expect(asked()).toHaveLength(1);
    socket.destroy();
  });
});
