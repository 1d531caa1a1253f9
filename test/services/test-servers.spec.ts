import { connect } from 'amqplib';
import { Redis } from 'ioredis';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findFreePort } from '../factories/servers/find-free-port';
import { NginxServer } from '../factories/servers/nginx-server';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { RedisServer } from '../factories/servers/redis-server';
import { makeServerFolder, ServerProcess } from '../factories/servers/server-process';
import { TcpProxy } from '../factories/tcp-proxy';
import { compileChild } from '../faults/compile-child';

/** In the order of their making; undone backwards, also when a later one failed. */
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Keeps what a test made until the test has ended. */
function kept<T extends { remove(): Promise<unknown> }>(made: T): T {
  cleanUps.push(() => made.remove());
  return made;
}

describe('A server of a test process', () => {
  let factories: string;
  let folder: string;

  beforeAll(() => {
    factories = join(dirname(compileChild('compile-child')), '..', 'factories', 'servers');
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'credit-scoring-test-servers-'));
    // Servers with a user of their own have to enter it.
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Runs a process that starts a server, does something with it, and prints its port. */
  async function runProcess(name: string, file: string, act: string): Promise<number> {
    const script = `require(process.argv[1]).${name}.start().then(async (server) => { ${act}; console.log(server.port); })`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script, join(factories, file)], {
      env: { ...process.env, TMPDIR: folder },
    });
    const port = Number(stdout);
    expect(port).toBeGreaterThan(0);
    return port;
  }

  /** Waits until nobody listens. */
  async function untilClosed(port: number): Promise<void> {
    for (;;) {
      const socket = connectTcp(port, '127.0.0.1');
      try {
        await once(socket, 'connect');
      } catch {
        return;
      } finally {
        socket.destroy();
      }
      await sleep(20);
    }
  }

  it.each([
    { name: 'PostgresServer', file: 'postgres-server.js' },
    { name: 'RedisServer', file: 'redis-server.js' },
    { name: 'RabbitmqServer', file: 'rabbitmq-server.js' },
  ])('ends with the process that forgot it: $name', async ({ name, file }) => {
    await untilClosed(await runProcess(name, file, ''));
    expect(await readdir(folder)).toHaveLength(1);
  });

  it.each([
    { name: 'PostgresServer', file: 'postgres-server.js' },
    { name: 'RedisServer', file: 'redis-server.js' },
  ])('leaves no folder when it is removed: $name', async ({ name, file }) => {
    await runProcess(name, file, 'await server.remove()');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('ServerProcess', () => {
  it('says at once which package is missing', async () => {
    const folder = await makeServerFolder('missing');
    const server = new ServerProcess(folder, {
      program: 'no-such-server',
      debianPackage: 'its-package',
      parameters: [],
      deathSignal: 'SIGKILL',
      isReady: () => Promise.resolve(false),
    });
    cleanUps.push(() => server.remove());
    await expect(server.start()).rejects.toThrow('apt-get install its-package');
  }, 10_000);
});

describe('PostgresServer', () => {
  async function query(url: string, text: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it.each(['fast', 'immediate'] as const)('keeps what was committed over a %s restart', async (mode) => {
    const server = kept(await PostgresServer.start());
    const url = await server.createDatabase();
    await query(url, 'CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)');
    await server.restart(mode);
    expect(await query(url, 'SELECT number FROM kept')).toEqual([{ number: 7 }]);
    expect(await query(url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('makes databases that know nothing of each other', async () => {
    const server = kept(await PostgresServer.start());
    const [first, second] = [await server.createDatabase(), await server.createDatabase()];
    await query(first, 'CREATE TABLE mine ()');
    await query(second, 'CREATE TABLE mine ()');
    await server.stop();
    await expect(query(first, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('RedisServer', () => {
  function keptClient(client: Redis): void {
    cleanUps.push(() => {
      client.disconnect();
      return Promise.resolve();
    });
  }

  it('is empty after a restart', async () => {
    const server = kept(await RedisServer.start());
    const client = new Redis(server.url, { retryStrategy: () => 20 });
    keptClient(client);
    client.on('error', () => undefined);
    await client.set('key', 'value');
    expect(await client.get('key')).toBe('value');
    await server.restart();
    expect(await client.get('key')).toBeNull();
  });

  it('answers nothing while it is paused, and everything afterwards', async () => {
    const server = kept(await RedisServer.start());
    const client = new Redis(server.url);
    keptClient(client);
    await client.ping();
    server.pause();
    const answer = client.ping();
    expect(await Promise.race([answer, sleep(200, 'silence')])).toBe('silence');
    server.resume();
    expect(await answer).toBe('PONG');
  });

  it('says what Redis said when it does not start', async () => {
    await expect(RedisServer.start(['--no-such-setting', 'yes'])).rejects.toThrow('no-such-setting');
  });
});

describe('RabbitmqServer', () => {
  it('keeps persistent messages of durable queues over a restart and a kill', async () => {
    const server = kept(await RabbitmqServer.start());
    const publisher = await connect(server.url);
    publisher.on('error', () => undefined);
    const channel = await publisher.createConfirmChannel();
    await channel.assertQueue('kept', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue('kept', Buffer.from('message'), { persistent: true });
    await channel.waitForConfirms();
    await server.restart();
    await server.kill();
    await server.start();
    const connection = await connect(server.url);
    const message = await (await connection.createChannel()).get('kept', { noAck: true });
    expect(message && message.content.toString()).toBe('message');
    await connection.close();
  });
});

describe('NginxServer', () => {
  /** An nginx that answers everything with one text. */
  const answering = (port: number, text: string): string =>
    `user www-data;\npid /run/nginx.pid;\nevents {}\nhttp {\n  server { listen 127.0.0.1:${port}; return 200 ${text}; }\n}\n`;

  it('serves its configuration, and another one after a reload', async () => {
    const port = await findFreePort();
    const server = kept(await NginxServer.start(answering(port, 'first')));
    const ask = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}/asked`, { headers: { connection: 'close' } })).text();
    expect(await ask()).toBe('first');
    await server.reload(answering(port, 'second'));
    expect(await ask()).toBe('second');
    expect(await server.accessLog()).toContain('GET /asked');
    await server.stop();
    await expect(ask()).rejects.toThrow();
  });

  it('says what nginx said of a bad configuration', async () => {
    await expect(NginxServer.start('events {} http { no_such_directive; }')).rejects.toThrow(
      'no_such_directive',
    );
  });
});

describe('TcpProxy', () => {
  /** A proxy before a server that sends everything back. */
  async function proxyToEcho(): Promise<TcpProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = await TcpProxy.to((server.address() as AddressInfo).port);
    cleanUps.push(async () => {
      await proxy.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }

  async function open(proxy: TcpProxy): Promise<Socket> {
    const socket = connectTcp(proxy.port, '127.0.0.1');
    await once(socket, 'connect');
    cleanUps.push(() => Promise.resolve(socket.destroy()));
    return socket;
  }

  async function echo(socket: Socket, text: string): Promise<string> {
    const answer = once(socket, 'data');
    socket.write(text);
    return String((await answer)[0]);
  }

  it('passes everything on unchanged, also more than it holds itself, and then the end', async () => {
    const socket = await open(await proxyToEcho());
    const sent = Buffer.alloc(5_000_000, 'abcdefg');
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.end(sent);
    await once(socket, 'end');
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  it('delays both directions', async () => {
    const proxy = await proxyToEcho();
    const socket = await open(proxy);
    proxy.delay(100);
    const start = performance.now();
    expect(await echo(socket, 'late')).toBe('late');
    expect(performance.now() - start).toBeGreaterThan(195);
  });

  it('resets and refuses connections while it is cut', async () => {
    const proxy = await proxyToEcho();
    const socket = await open(proxy);
    await echo(socket, 'before');
    const reset = once(socket, 'error');
    await proxy.cut();
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }]);
    await expect(open(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.heal();
    expect(await echo(await open(proxy), 'after')).toBe('after');
  });

  it('holds open and new connections while it is frozen, and passes on what it held afterwards', async () => {
    const proxy = await proxyToEcho();
    const early = await open(proxy);
    await echo(early, 'before');
    proxy.freeze();
    const late = await open(proxy);
    const answers = Promise.all([echo(early, 'early'), echo(late, 'late')]);
    expect(await Promise.race([answers, sleep(200, 'silence')])).toBe('silence');
    await proxy.heal();
    expect(await answers).toEqual(['early', 'late']);
  });

  it('resets the client of a server that is not there', async () => {
    const proxy = await TcpProxy.to(await findFreePort());
    cleanUps.push(() => proxy.close());
    const socket = connectTcp(proxy.port, '127.0.0.1');
    expect(await once(socket, 'error').catch((error: unknown) => [error])).toMatchObject([
      { code: 'ECONNRESET' },
    ]);
  });
});
