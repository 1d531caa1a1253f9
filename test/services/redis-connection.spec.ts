import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisConnection, RedisUnavailableError } from '../../src/cache/redis-connection';
import { RedisScript } from '../../src/cache/redis-script';
import { RedisServer } from '../factories/servers/redis-server';
import { TcpProxy } from '../factories/tcp-proxy';

/** A command may take 25 ms; the rest is for a machine that is busy with other tests. */
const ONE_DEADLINE_MS = 50;

let server: RedisServer;
let proxy: TcpProxy;
let connection: RedisConnection;
let told: { level: 'warn' | 'log'; message: unknown }[];

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.remove());
beforeEach(async () => {
  told = [];
  const tell = (level: 'warn' | 'log') => (message: unknown) => {
    told.push({ level, message });
  };
  Logger.overrideLogger({ log: tell('log'), warn: tell('warn'), error: tell('warn') });
  proxy = await TcpProxy.to(server.port);
});
afterEach(async () => {
  connection.close();
  await proxy.close();
  Logger.overrideLogger(false);
});

async function open(port = proxy.port, password = '', database = ''): Promise<void> {
  connection = await RedisConnection.open(
    `redis://${password && `:${password}@`}127.0.0.1:${port}/${database}`,
  );
}

/** A client that commands a server of the test, with all rights. */
async function command(port: number, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(port);
  await work(client).finally(() => {
    client.disconnect();
  });
}

const set = (value: string): Promise<unknown> => connection.run((client) => client.set('key', value));

/** How long it took, milliseconds. */
async function measure(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function untilWorking(): Promise<void> {
  for (let waited = 0; !connection.isWorking; waited += 20) {
    if (waited > 5_000) throw new Error('Redis was not noticed to be back within 5 s');
    await sleep(20);
  }
}

/** Ways in which it may be away, and the way back. */
const ABSENCES: readonly [string, () => Promise<void> | void, () => Promise<void> | void][] = [
  ['killed', () => server.stop(), () => server.start()],
  ['cut off', () => proxy.cut(), () => proxy.heal()],
  [
    'frozen',
    () => {
      proxy.freeze();
    },
    () => proxy.heal(),
  ],
  [
    'stopped by a signal',
    () => {
      server.pause();
    },
    () => {
      server.resume();
    },
  ],
  [
    'too slow',
    () => {
      proxy.delay(200);
    },
    () => proxy.heal(),
  ],
];

describe('RedisConnection', () => {
  it('works from its opening on, under a prefix of its own', async () => {
    await open();
    expect(connection.isWorking).toBe(true);
    await set('value');
    expect(await connection.run((client) => client.get('key'))).toBe('value');
    const keys = await connection.run((client) => client.keys('*'));
    expect(keys).toContain('credit-scoring:key');
    expect(told).toEqual([]);
  });

  it.each(ABSENCES)(
    'keeps one command waiting, and no other, while Redis is %s; then works again',
    async (_how, leave, comeBack) => {
      await open();
      await leave();
      const first = await measure(() => expect(set('lost')).rejects.toThrow(RedisUnavailableError));
      expect(first).toBeLessThan(ONE_DEADLINE_MS);
      const others = await measure(async () => {
        for (let index = 0; index < 100; index++) await expect(set('lost')).rejects.toThrow();
      });
      // Each would wait for its own deadline if nothing kept them from trying: 2500 ms.
      expect(others).toBeLessThan(200);
      await sleep(600);
      expect(connection.isWorking).toBe(false);
      await comeBack();
      await untilWorking();
      expect(await set('kept')).toBe('OK');
    },
  );

  it('tells once that Redis is away and once that it is back, without its address or password', async () => {
    await open(proxy.port, 'secret-password');
    await server.stop();
    for (let index = 0; index < 3; index++) {
      await expect(set('lost')).rejects.toThrow();
      await sleep(300);
    }
    await server.start();
    await untilWorking();
    expect(told.map(({ level }) => level)).toEqual(['warn', 'log']);
    expect(JSON.stringify(told)).not.toMatch(/secret-password|127\.0\.0\.1/);
  });

  it('opens while Redis is away, and works when it comes', async () => {
    await proxy.cut();
    expect(await measure(() => open())).toBeLessThan(1_000);
    await expect(set('lost')).rejects.toThrow(RedisUnavailableError);
    expect(told).toEqual([
      { level: 'warn', message: expect.objectContaining({ reason: 'ECONNREFUSED' }) as unknown },
    ]);
    await proxy.heal();
    await untilWorking();
    expect(await set('kept')).toBe('OK');
  });

  it('opens while Redis is frozen', async () => {
    proxy.freeze();
    expect(await measure(() => open())).toBeLessThan(1_500);
    expect(connection.isWorking).toBe(false);
  });

  it.each([
    ['the password is wrong', 'requirepass', 'another-password', 'WRONGPASS'],
    ['Redis takes no writes', 'maxmemory', '1', 'OOM'],
  ])('is away when %s, and says so', async (_why, setting, value, reason) => {
    const other = await RedisServer.start();
    const client = new Redis(other.port);
    try {
      await client.config('SET', setting, value);
      await open(other.port, setting === 'requirepass' ? 'wrong' : '');
      await sleep(300);
      expect(connection.isWorking).toBe(false);
      expect(told[0]?.message).toMatchObject({ reason });
    } finally {
      client.disconnect();
      await other.remove();
    }
  });

  it('finds the master again after a fail-over that left the connection to what is now a replica', async () => {
    const successor = await RedisServer.start();
    try {
      await open();
      proxy.lead(successor.port);
      await command(server.port, (client) => client.replicaof('127.0.0.1', successor.port));
      await expect(set('lost')).rejects.toThrow(RedisUnavailableError);
      await untilWorking();
      expect(await set('kept')).toBe('OK');
      expect(told.map(({ level }) => level)).toEqual(['warn', 'warn', 'log']);
      expect(told[0]?.message).toMatchObject({ reason: 'READONLY' });
    } finally {
      await command(server.port, (client) => client.replicaof('NO', 'ONE'));
      await successor.remove();
    }
  });

  it('tries about one new connection a second while it is led to a replica', async () => {
    const count = async (): Promise<number> => {
      let connections = NaN;
      await command(server.port, async (client) => {
        connections = Number(/total_connections_received:(\d+)/.exec(await client.info('stats'))?.[1]);
      });
      return connections;
    };
    const successor = await RedisServer.start();
    try {
      await command(server.port, (client) => client.replicaof('127.0.0.1', successor.port));
      await open();
      // By then the time between two has grown.
      await sleep(1_500);
      const before = await count();
      await sleep(3_000);
      // One more is of who counts.
      const tried = (await count()) - before - 1;
      expect(tried).toBeGreaterThan(0);
      expect(tried).toBeLessThanOrEqual(4);
      expect(connection.isWorking).toBe(false);
    } finally {
      await command(server.port, (client) => client.replicaof('NO', 'ONE'));
      await successor.remove();
    }
  });

  it('keeps everything in the database of its address, also after a new connection', async () => {
    await open(proxy.port, '', '7');
    await set('first');
    await proxy.cut();
    await expect(set('lost')).rejects.toThrow(RedisUnavailableError);
    await proxy.heal();
    await untilWorking();
    await set('second');
    await command(server.port, async (client) => {
      await client.del('credit-scoring:key');
      await client.select(7);
      expect(await client.get('credit-scoring:key')).toBe('second');
    });
  });

  it('is away, and writes nothing anywhere, when Redis does not have the database of its address', async () => {
    await command(server.port, (client) => client.flushall());
    await open(server.port, '', '99');
    await sleep(600);
    expect(connection.isWorking).toBe(false);
    await expect(set('lost')).rejects.toThrow(RedisUnavailableError);
    await command(server.port, async (client) => {
      expect(await client.dbsize()).toBe(0);
    });
    expect(told).toEqual([
      { level: 'warn', message: expect.objectContaining({ reason: 'ERR', command: 'select' }) as unknown },
    ]);
  });

  it('is not away because this process was busy: an answer that lies there counts', async () => {
    await open(server.port);
    const answer = set('kept');
    // Long enough that the deadline is over before anything is read.
    const busyUntil = performance.now() + 100;
    while (performance.now() < busyUntil);
    expect(await answer).toBe('OK');
    expect(connection.isWorking).toBe(true);
  });

  it('runs a script that Redis has forgotten', async () => {
    await open();
    const script = new RedisScript(`return redis.call('INCRBY', KEYS[1], ARGV[1])`);
    expect(await connection.runScript(script, ['count'], ['2'])).toBe(2);
    await connection.run((client) => client.script('FLUSH'));
    expect(await connection.runScript(script, ['count'], ['3'])).toBe(5);
  });

  it('does not work, nor come back, once it is closed', async () => {
    await open();
    connection.close();
    await expect(set('lost')).rejects.toThrow(RedisUnavailableError);
    await sleep(600);
    expect(connection.isWorking).toBe(false);
    expect(told).toEqual([]);
  });
});
