import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, exampleBody, findFreePort, ServiceProcess } from './service-process';

/** Of decisions, from where on a late event loop refuses them: see src/overload/overload-limits.ts. */
const NEVER_TOO_MANY = 128;

/** Of who comes back when told; a refusal says a second. */
const PATIENCE_MS = 20_000;

let dataFolder: string;
let service: ServiceProcess;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'overload-'));
});
afterEach(async () => {
  await service.kill();
  await rm(dataFolder, { recursive: true, force: true });
});

const HEALTH = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Connections that the service has taken, as it takes new ones one by one. */
async function openConnections(count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(service.port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => exchange(socket, HEALTH)));
  return sockets;
}

/** How many requests a route has answered with a status, as the metrics tell. */
async function countAnswers(route: string, status: number): Promise<number> {
  const metrics = (await service.send('GET', '/metrics'))?.body ?? '';
  const labels = `route="${route}",status="${status}"`;
  return Number(
    new RegExp(`^credit_scoring_http_requests_total\\{.*${labels}\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0,
  );
}

/** The same application as often, as CSV. */
function csvOf(body: string, rows: number): string {
  const application = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const row = Object.values(application).join(',');
  return [Object.keys(application).join(','), ...Array.from({ length: rows }, () => row)].join('\n');
}

/** Sends bytes and resolves with the head of the answer. */
async function exchange(socket: Socket, bytes: string): Promise<string> {
  socket.write(bytes);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString().split('\r\n\r\n')[0] ?? '';
}

describe('an event loop that is blocked', () => {
  const CALLERS = 600;

  it(`refuses decisions beyond ${NEVER_TOO_MANY} with 503 and Retry-After, answers for its health, and recovers`, async () => {
    service = ServiceProcess.start(await findFreePort(), { DATA_DIR: dataFolder, ROLES: 'api' });
    await service.ready();
    const body = exampleBody();
    const decision = `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    // Each connection has been taken before the loop is blocked, so that all requests come up in one turn of it.
    const sockets = await openConnections(CALLERS);

    service.child.kill('SIGSTOP');
    const [asked, ...callers] = sockets;
    if (asked === undefined) throw new Error('Nobody asks');
    const heads = callers.map((socket) => exchange(socket, decision));
    const alive = exchange(asked, HEALTH);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    service.child.kill('SIGCONT');

    const answers = await Promise.all(heads);
    const refused = answers.filter((head) => head.startsWith('HTTP/1.1 503 '));
    const decided = answers.filter((head) => head.startsWith('HTTP/1.1 200 '));
    expect(refused.length + decided.length).toBe(CALLERS - 1);
    expect(decided.length).toBeGreaterThanOrEqual(NEVER_TOO_MANY);
    expect(refused.length).toBeGreaterThan(0);
    for (const head of refused) {
      expect(head).toMatch(/\r\nRetry-After: [1-9]/);
      expect(head).toMatch(/\r\nContent-Type: application\/problem\+json/);
      expect(head).not.toMatch(/\r\nConnection: close/i);
    }
    expect(await alive).toMatch(/^HTTP\/1\.1 200 /);
    expect(await countAnswers('/predict', 503)).toBe(refused.length);
    // Who was refused is served on the same connection, after it has waited for a moment.
    for (const [index, socket] of callers.entries()) {
      if (answers[index]?.startsWith('HTTP/1.1 503 '))
        expect(await exchange(socket, decision)).toMatch(/^HTTP\/1\.1 200 /);
    }
    for (const socket of sockets) socket.destroy();
  });
});

describe('more batches than can wait', () => {
  const CALLERS = 50;
  const ROWS = 200;

  it('are refused with 503 and Retry-After; the others are answered, and so is who wants one decision and comes back when told', async () => {
    service = ServiceProcess.start(await findFreePort(), { DATA_DIR: dataFolder, ROLES: 'api' });
    await service.ready();
    const body = exampleBody();
    const batch = `[${Array.from({ length: ROWS }, () => body).join(',')}]`;
    const answers: Answer[] = [];
    let isDecided = false;
    const callers = Array.from({ length: CALLERS }, async () => {
      do answers.push(await service.send('POST', '/predict/batch', batch));
      while (!isDecided);
    });
    for (const deadline = Date.now() + PATIENCE_MS; !isDecided && Date.now() < deadline;) {
      const decision = await service.send('POST', '/predict', body);
      isDecided = decision?.status === 200;
      if (!isDecided) expect(decision).toMatchObject({ status: 503, retryAfter: '1' });
      if (!isDecided) await delay(1000);
    }
    expect(isDecided).toBe(true);
    await Promise.all(callers);

    const refused = answers.filter((answer) => answer?.status === 503);
    expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(answers.length - refused.length);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(answers.length);
    for (const answer of refused) expect(answer?.retryAfter).toBe('1');
    expect(await countAnswers('/predict/batch', 503)).toBe(refused.length);

    expect((await service.send('POST', '/predict/batch', batch))?.status).toBe(200);
  });
});

describe('a log whose writes hang', () => {
  const ROWS = 1000;

  beforeAll(() => {
    if (spawnSync('strace', ['-V']).status !== 0)
      throw new Error('strace is missing: apt-get install strace');
  });

  it('refuses pages, then decisions, when too many records wait; answers all that it took, and recovers', async () => {
    service = ServiceProcess.start(
      await findFreePort(),
      { DATA_DIR: dataFolder, ROLES: 'api', LOG_FSYNC: 'always' },
      // -D: the service itself is the child, and strace goes with it.
      [
        'strace',
        '-D',
        '-f',
        '-qq',
        '-e',
        'trace=fdatasync',
        '-e',
        'inject=fdatasync:delay_enter=2000000',
        '-o',
        join(dataFolder, 'trace'),
      ],
    );
    await service.ready();
    const body = exampleBody();
    const batch = csvOf(body, ROWS);
    const batches: Promise<number>[] = [];
    // One after the other: many at once would make the event loop late, which is another limit.
    const addBatch = async (): Promise<void> => {
      const status = fetch(`http://127.0.0.1:${service.port}/predict/batch`, {
        method: 'POST',
        headers: { 'Content-Type': 'text/csv' },
        body: batch,
      }).then((answer) => answer.status);
      batches.push(status);
      for (let waiting = 0; waiting < ROWS * batches.length;) {
        const health = await service.send('GET', '/health');
        waiting = (JSON.parse(health?.body ?? '') as { log: { waiting: number } }).log.waiting;
      }
    };

    while (batches.length < 5) await addBatch();
    const page = await service.send('GET', '/predictions?limit=1');
    expect([page?.status, page?.retryAfter]).toEqual([503, '1']);
    while (batches.length < 9) await addBatch();
    const refused = await service.send('POST', '/predict', body);
    expect([refused?.status, refused?.retryAfter]).toEqual([503, '1']);
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({
      status: 503,
      title: 'The service is overloaded',
    });
    expect((await service.send('GET', '/health/live'))?.status).toBe(200);
    expect(await countAnswers('/predictions', 503)).toBe(1);
    expect(await countAnswers('/predict', 503)).toBe(1);

    expect(await Promise.all(batches)).toEqual(batches.map(() => 200));
    expect((await service.send('POST', '/predict', body))?.status).toBe(200);
    expect((await service.send('GET', '/predictions?limit=1'))?.status).toBe(200);
  });
});
