import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

const RESTARTS = Number(process.env['RESTARTS'] ?? 20);
const CALLERS = 8;
/** Between the requests of a caller: the tests next door need the processor, too. */
const PAUSE_MS = 2;
/** As deploy/haproxy/haproxy.cfg asks for. */
const SHUTDOWN_DELAY_MS = 1500;
const LONGEST_STOP_MS = 5000;
/** On a machine that does other things, too; seven seconds were usual there. */
const LONGEST_RESTART_MS = 30_000;
/** A log that takes a good moment to read, and little to write. */
const BATCHES = 40;
const BATCH_ROWS = 1000;

const CONFIGURATION = join(__dirname, '../../deploy/haproxy/haproxy.cfg');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restart-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Ids of all decisions that an instance has kept. */
async function readDecisions(dataFolder: string): Promise<string[]> {
  const logs = join(dataFolder, 'logs');
  const names = (await readdir(logs)).filter((name) => /^production_logs.*\.json$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')));
  const records = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  return records
    .map((line) => JSON.parse(line) as { id: string; decision?: string })
    .flatMap(({ id, decision }) => (decision === undefined ? [] : [id]));
}

/**
 * A caller's request over a kept-alive connection: status and body, or why there is none.
 *
 * @param idempotencyKey undefined: sent without one
 */
function decide(
  port: number,
  agent: Agent,
  body: string,
  idempotencyKey?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        agent,
        method: 'POST',
        path: '/predict',
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
        },
      },
      (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
        response.on('error', (error) => {
          resolve({ status: 0, text: String(error) });
        });
      },
    );
    call.on('error', (error) => {
      resolve({ status: 0, text: String(error) });
    });
    call.end(body);
  });
}

/** One of two instances behind the balancer: the same port and folder after each restart. */
class Instance {
  private process: ServiceProcess;

  private constructor(
    readonly port: number,
    readonly dataFolder: string,
  ) {
    this.process = this.startProcess();
  }

  static async start(dataFolder: string): Promise<Instance> {
    const instance = new Instance(await findFreePort(), dataFolder);
    await instance.process.ready();
    return instance;
  }

  /** Stops and starts it, and waits until the balancer sends it requests again; milliseconds the stop took. */
  async restart(): Promise<number> {
    const stopMs = await this.stop();
    this.process = this.startProcess();
    await this.process.ready();
    while (
      !/^credit_scoring_decisions_total\{/m.test((await this.process.send('GET', '/metrics'))?.body ?? '')
    ) {
      await pause(50);
    }
    return stopMs;
  }

  async stop(): Promise<number> {
    const began = performance.now();
    this.process.child.kill('SIGTERM');
    expect(await this.process.ended()).toBe(0);
    return performance.now() - began;
  }

  private startProcess(): ServiceProcess {
    const settings = {
      DATA_DIR: this.dataFolder,
      ROLES: 'api',
      SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
    };
    return ServiceProcess.start(this.port, settings);
  }
}

describe('restarts behind haproxy', () => {
  let balancer: ChildProcess | undefined;
  beforeAll(() => {
    if (spawnSync('haproxy', ['-v']).status !== 0)
      throw new Error('haproxy is missing: apt-get install haproxy');
  });
  afterEach(async () => {
    if (balancer?.exitCode === null && balancer.kill('SIGKILL')) await once(balancer, 'exit');
  });

  it(
    `fails none of the requests that come all the while, and doubles no decision, in ${RESTARTS} restarts`,
    async () => {
      const instances = [
        await Instance.start(join(folder, 'a')),
        await Instance.start(join(folder, 'b')),
      ] as const;
      const port = await findFreePort();
      balancer = spawn('haproxy', ['-db', '-f', CONFIGURATION], {
        env: {
          ...process.env,
          LISTEN: `127.0.0.1:${port}`,
          INSTANCE_A: `127.0.0.1:${instances[0].port}`,
          INSTANCE_B: `127.0.0.1:${instances[1].port}`,
        },
        stdio: 'ignore',
      });
      const body = exampleBody();
      const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
      while ((await decide(port, agent, body)).status !== 200) await pause(50);
      const before = await Promise.all(instances.map(({ dataFolder }) => readDecisions(dataFolder)));

      const decided: string[] = [];
      const failed: string[] = [];
      let over = false;
      let keys = 0;
      // Every other caller sends keys: an instance takes them a moment later than other requests.
      const callers = Array.from({ length: CALLERS }, async (_, caller) => {
        while (!over) {
          const key = caller % 2 === 0 ? undefined : `key-${++keys}`;
          const { status, text } = await decide(port, agent, body, key);
          if (status === 200) decided.push((JSON.parse(text) as { id: string }).id);
          else failed.push(`${status}: ${text}`);
          await pause(PAUSE_MS);
        }
      });
      const stops: number[] = [];
      for (let restart = 0; restart < RESTARTS; restart++) {
        stops.push(await (restart % 2 === 0 ? instances[0] : instances[1]).restart());
      }
      over = true;
      await Promise.all(callers);
      agent.destroy();
      for (const instance of instances) stops.push(await instance.stop());

      expect(failed).toEqual([]);
      expect(decided.length).toBeGreaterThan(RESTARTS * CALLERS);
      const kept = (await Promise.all(instances.map(({ dataFolder }) => readDecisions(dataFolder)))).flat();
      const earlier = new Set(before.flat());
      expect(kept.filter((id) => !earlier.has(id)).sort()).toEqual([...decided].sort());
      expect(Math.min(...stops)).toBeGreaterThanOrEqual(SHUTDOWN_DELAY_MS);
      expect(Math.max(...stops)).toBeLessThan(SHUTDOWN_DELAY_MS + LONGEST_STOP_MS);
      console.log(
        `${RESTARTS} restarts: ${decided.length} requests, ${keys} with an Idempotency-Key, 0 failed, as many records; stops took ` +
          `${Math.min(...stops).toFixed(0)} to ${Math.max(...stops).toFixed(0)} ms, ${SHUTDOWN_DELAY_MS} of them the delay`,
      );
    },
    LONGEST_RESTART_MS * RESTARTS,
  );
});

describe('a start after a kill', () => {
  it('is ready only when requests with an Idempotency-Key are taken: nothing answers 503 from then on', async () => {
    const port = await findFreePort();
    const first = ServiceProcess.start(port, { DATA_DIR: folder, ROLES: 'api' });
    await first.ready();
    // The next start has to read them all for their keys.
    const batch = `[${Array<string>(BATCH_ROWS).fill(exampleBody()).join(',')}]`;
    for (let sent = 0; sent < BATCHES; sent++) {
      expect((await first.send('POST', '/predict/batch', batch))?.status).toBe(200);
    }
    await first.kill();

    const second = ServiceProcess.start(port, { DATA_DIR: folder, ROLES: 'api' });
    const reasons = new Set<string>();
    for (;;) {
      const health = await second.send('GET', '/health/ready');
      if (health?.status === 200) break;
      const { reason } = JSON.parse(health?.body ?? '{}') as { reason?: string };
      if (reason !== undefined) reasons.add(reason);
      await pause(1);
    }
    const agent = new Agent({ keepAlive: true });
    expect((await decide(port, agent, exampleBody(), 'first-key')).status).toBe(200);
    agent.destroy();
    expect([...reasons]).toEqual([expect.stringMatching(/idempotency keys/)]);
    second.child.kill('SIGTERM');
    expect(await second.ended()).toBe(0);
  });
});

describe('a signal to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'makes it unready at once while all else is answered and connections are let go; %s after that ends the wait',
    async (second) => {
      const port = await findFreePort();
      const service = ServiceProcess.start(port, { DATA_DIR: folder, SHUTDOWN_DELAY_MS: '300000' });
      await service.ready();
      service.child.kill('SIGTERM');
      while ((await service.send('GET', '/health/ready'))?.status !== 503) await pause(5);

      const answer = await fetch(`http://127.0.0.1:${port}/predict`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: exampleBody(),
      });
      expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
      expect((await service.send('GET', '/health/live'))?.status).toBe(200);
      expect((await service.send('GET', '/monitoring'))?.status).toBe(200);

      const began = performance.now();
      service.child.kill(second);
      expect(await service.ended()).toBe(0);
      expect(performance.now() - began).toBeLessThan(LONGEST_STOP_MS);
    },
  );

  it('does not wait for a caller who never finishes: the process ends with 0 within 5 s', async () => {
    const service = ServiceProcess.start(await findFreePort(), { DATA_DIR: folder });
    await service.ready();
    const slow = connect(service.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.write(
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    // An answer on another connection: what was sent before it has arrived.
    await once(slow, 'connect');
    await service.send('GET', '/health/live');
    const began = performance.now();
    service.child.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    expect(performance.now() - began).toBeLessThan(LONGEST_STOP_MS);
  });
});
