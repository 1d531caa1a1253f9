import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

const KILLS = 100;
const CALLERS = 16;

let dataFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'service-kill-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

/** Ids of all decisions in the log, in the order of the files. */
async function loggedIds(): Promise<string[]> {
  const folder = join(dataFolder, 'logs');
  const names = (await readdir(folder)).filter((name) => /^production_logs.*\.json$/.test(name)).sort();
  const ids: string[] = [];
  for (const name of names) {
    for (const line of (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')) {
      ids.push((JSON.parse(line) as { id: string }).id);
    }
  }
  return ids;
}

describe('kill -9 under load', () => {
  it(`loses and doubles no acknowledged decision in ${KILLS} kills, and starts again each time`, async () => {
    const port = await findFreePort();
    const body = exampleBody();
    const acknowledged: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const service = ServiceProcess.start(port, { DATA_DIR: dataFolder });
      await service.ready();
      const callers = Array.from({ length: CALLERS }, async () => {
        for (let answer = await service.send('POST', '/predict', body); answer;) {
          if (answer.status !== 200)
            throw new Error(`Expected 200, and not ${answer.status}: ${answer.body}`);
          acknowledged.push((JSON.parse(answer.body) as { id: string }).id);
          answer = await service.send('POST', '/predict', body);
        }
      });
      // Another moment each time: from the first requests to well into the load.
      await new Promise((resolve) => setTimeout(resolve, 20 + ((kill * 37) % 200)));
      await service.kill();
      await Promise.all(callers);
    }
    const last = ServiceProcess.start(port, { DATA_DIR: dataFolder });
    await last.ready();
    await last.kill();

    const logged = await loggedIds();
    const once = new Set(logged);
    expect(acknowledged.length).toBeGreaterThan(KILLS * CALLERS);
    expect(once.size).toBe(logged.length);
    expect(acknowledged.filter((id) => !once.has(id))).toEqual([]);
    console.log(
      `${KILLS} kills: ${acknowledged.length} acknowledged, ${logged.length} logged, 0 lost, 0 doubled`,
    );
  });
});

describe('SIGTERM under load', () => {
  it('answers every request it took, ends with 0, and leaves every decision in the log', async () => {
    const port = await findFreePort();
    const body = exampleBody();
    const service = ServiceProcess.start(port, { DATA_DIR: dataFolder });
    await service.ready();
    const acknowledged: string[] = [];
    let stopping = false;
    const callers = Array.from({ length: CALLERS }, async () => {
      for (;;) {
        const answer = await service.send('POST', '/predict', body);
        if (answer?.status === 200) acknowledged.push((JSON.parse(answer.body) as { id: string }).id);
        if (stopping && answer === undefined) return;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    stopping = true;
    service.child.kill('SIGTERM');
    const code = await service.ended();
    await Promise.all(callers);
    expect(code).toBe(0);
    const once = new Set(await loggedIds());
    expect(acknowledged.filter((id) => !once.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(CALLERS);
  });
});

describe('a second instance on the same folder', () => {
  it('refuses to start, says why and what to do, and leaves the first alone', async () => {
    const first = ServiceProcess.start(await findFreePort(), { DATA_DIR: dataFolder });
    await first.ready();
    const second = ServiceProcess.start(await findFreePort(), { DATA_DIR: dataFolder });
    expect(await second.ended()).toBe(1);
    expect(second.printed).toContain(join(dataFolder, 'logs'));
    expect((await first.send('POST', '/predict', exampleBody()))?.status).toBe(200);
    await first.kill();
  });
});
