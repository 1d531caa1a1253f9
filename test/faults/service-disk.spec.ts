import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

let volume: string;
beforeEach(async () => {
  volume = await mkdtemp(join(tmpdir(), 'service-disk-'));
});
afterEach(() => rm(volume, { recursive: true, force: true }));

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 25_000; Date.now() < deadline;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('What was waited for did not happen');
}

describe('a disk that fills up', () => {
  beforeEach(() => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', volume]));
  afterEach(() => execFileSync('umount', ['--lazy', volume]));

  it('turns decisions into 503 with Retry-After and readiness off; both come back by themselves with the space', async () => {
    const ballast = join(volume, 'ballast');
    await writeFile(ballast, Buffer.alloc(1_500_000));
    const service = ServiceProcess.start(await findFreePort(), { DATA_DIR: volume });
    await service.ready();
    const body = exampleBody();
    const acknowledged: string[] = [];
    let refused = 0;
    while (refused < 50) {
      const answer = await service.send('POST', '/predict', body);
      if (answer?.status === 200) acknowledged.push((JSON.parse(answer.body) as { id: string }).id);
      else {
        expect(answer?.status).toBe(503);
        expect(Number(answer?.retryAfter)).toBeGreaterThan(0);
        expect(JSON.parse(answer?.body ?? '')).toMatchObject({
          status: 503,
          title: 'The decision could not be recorded',
        });
        refused++;
      }
    }
    await waitFor(async () => (await service.send('GET', '/health/ready'))?.status === 503);
    const unready = JSON.parse((await service.send('GET', '/health/ready'))?.body ?? '{}') as {
      reason: string;
    };
    expect(unready.reason).toMatch(/ENOSPC/);
    expect((await service.send('GET', '/health/live'))?.status).toBe(200);
    const overview = (await service.send('GET', '/monitoring'))?.body;
    expect(overview).toContain('Act now: Records');
    expect(overview).toContain('(ENOSPC): make room on its volume');

    await rm(ballast);
    await waitFor(async () => (await service.send('GET', '/health/ready'))?.status === 200);
    for (let index = 0; index < 20; index++) {
      const answer = await service.send('POST', '/predict', body);
      expect(answer?.status).toBe(200);
      acknowledged.push((JSON.parse(answer?.body ?? '') as { id: string }).id);
    }
    await waitFor(() => Promise.resolve(service.printed.includes('the prediction log is written again')));
    const told = service.printed.split('\n').filter((line) => line.includes('the prediction log'));
    expect(told).toHaveLength(2);
    expect(told[1]).toMatch(/"answersWithoutRecord":\d+/);
    expect(service.printed).not.toContain('left no record');
    await service.kill();

    const lines = (await readFile(join(volume, 'logs', 'production_logs.json'), 'utf8'))
      .trimEnd()
      .split('\n');
    const decisions = lines.map((line) => JSON.parse(line) as { id: string; decision?: string });
    expect(decisions.flatMap(({ id, decision }) => (decision === undefined ? [] : [id]))).toEqual(
      acknowledged,
    );
  });
});

describe('a disk that fills up under two processes', () => {
  beforeEach(() => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', volume]));
  afterEach(() => execFileSync('umount', ['--lazy', volume]));

  it('is told by the pages of the one that only reads, which stays ready', async () => {
    const pages = ServiceProcess.start(await findFreePort(), { DATA_DIR: volume, ROLES: 'monitoring' });
    try {
      await pages.ready();
      await mkdir(join(volume, 'logs'), { recursive: true });
      await writeFile(join(volume, 'ballast'), Buffer.alloc(4_000_000)).catch(() => undefined);
      await waitFor(async () =>
        Boolean((await pages.send('GET', '/monitoring'))?.body.includes('Act now: Records')),
      );
      expect((await pages.send('GET', '/monitoring'))?.body).toContain('(ENOSPC): make room on it');
      expect((await pages.send('GET', '/health/ready'))?.status).toBe(200);
    } finally {
      await pages.kill();
    }
  });
});

describe('LOG_FSYNC=always on a disk whose fdatasync fails', () => {
  it('answers 503, is unready, never tries again, and ends with 1; what was acknowledged is there', async () => {
    const trace = join(volume, 'trace');
    // One thread does all file work, as strace counts the calls of each thread.
    const service = ServiceProcess.start(
      await findFreePort(),
      { DATA_DIR: volume, LOG_FSYNC: 'always', UV_THREADPOOL_SIZE: '1' },
      [
        'strace',
        '-f',
        '-qq',
        '-e',
        'trace=fdatasync',
        '-e',
        'inject=fdatasync:error=EIO:when=4',
        '-o',
        trace,
      ],
    );
    await service.ready();
    const body = exampleBody();
    const acknowledged: string[] = [];
    let failed;
    while (failed === undefined) {
      const answer = await service.send('POST', '/predict', body);
      if (answer?.status === 200) acknowledged.push((JSON.parse(answer.body) as { id: string }).id);
      else failed = answer;
    }
    expect(failed.status).toBe(503);
    expect(acknowledged).toHaveLength(3);
    expect((await service.send('POST', '/predict', body))?.status).toBe(503);
    expect((await service.send('GET', '/health/ready'))?.status).toBe(503);
    expect(await service.ended()).toBe(1);

    const syncs = (await readFile(trace, 'utf8')).split('\n').filter((line) => line.includes('fdatasync('));
    expect(syncs).toHaveLength(4);
    const text = await readFile(join(volume, 'logs', 'production_logs.json'), 'utf8');
    for (const id of acknowledged) expect(text).toContain(id);
  });
});
