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

async function open(port = proxy.port, password = ''): Promise<void> {
  connection = await RedisConnection.open(`redis://${password && `:${password}@`}127.0.0.1:${port}`);
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
