import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type OverviewData } from '../../src/monitoring/pages/overview/overview-data';
import { findFreePort } from '../factories/servers/find-free-port';
import { exampleBody } from '../faults/service-process';
import { readCompose, readImageEnvironment } from './compose-file';
import { Instance } from './instance';

/** Another process sees a record after a quarter of a second, and monitoring reads twice a second; machines may be busy. */
const PATIENCE_MS = 20_000;

let folder: string;
let deciding: Instance;
let showing: Instance;
let key: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-two-containers-'));
  deciding = await place('scoring');
  showing = await place('pages');
  // As `depends_on` has it: the second one starts when the first is healthy.
  await deciding.start();
  await showing.start();
  key = /pad_[a-z2-7]{8}_[\w-]{43}/.exec(deciding.printed.join('\n'))?.[0] ?? '';
});
afterAll(async () => {
  await deciding.kill();
  await showing.kill();
  await rm(folder, { recursive: true, force: true });
});

/** A service of compose.yaml as deploy/pages.env starts it; its volume is a folder of the test. */
async function place(name: string): Promise<Instance> {
  return new Instance(await findFreePort(), {
    ...readImageEnvironment(),
    ...readCompose('deploy/pages.env').services[name]?.environment,
    HOST: '127.0.0.1',
    DATA_DIR: folder,
  });
}

function ask({ port }: Instance, path: string, body?: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body }),
  });
}

async function decide(): Promise<string> {
  const response = await ask(deciding, '/predict', exampleBody());
  expect(response.status).toBe(200);
  return ((await response.json()) as { id: string }).id;
}

/** Decisions on the page, once they are as many as expected or patience ends. */
async function readShown(expected: number): Promise<number> {
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    const { traffic } = (await (await ask(showing, '/monitoring/api')).json()) as OverviewData;
    const shown = Object.values(traffic?.totals.decisions ?? {}).reduce((sum, count) => sum + count, 0);
    if (shown === expected || Date.now() > deadline) return shown;
    await delay(100);
  }
}

describe('two containers on one volume', () => {
  it('have one key that opens both, printed once by the first', () => {
    expect(key).not.toBe('');
    expect(deciding.printed.filter((line) => line.includes('pad_'))).toHaveLength(1);
    expect(showing.printed.filter((line) => line.includes('pad_'))).toEqual([]);
  });

  it('share the work: one decides, the other shows what was decided and makes it again', async () => {
    const id = await decide();
    expect(await readShown(1)).toBe(1);
    expect((await ask(deciding, '/monitoring')).status).toBe(404);
    expect((await ask(showing, '/predict', exampleBody())).status).toBe(404);
    expect(await (await ask(showing, `/predictions/${id}`)).json()).toMatchObject({ id });
    expect(await (await ask(showing, `/predictions/${id}/replay`, '{}')).json()).toMatchObject({
      identical: true,
    });
  });

  it('do not need each other to run, and miss nothing when one was killed', async () => {
    await showing.kill();
    await decide();
    await deciding.kill();
    await showing.start();
    expect(await readShown(2)).toBe(2);
    await deciding.start();
    await decide();
    expect(await readShown(3)).toBe(3);
  });

  it('stop with 0 when they are asked to', async () => {
    expect(await Promise.all([deciding.stop(), showing.stop()])).toEqual([0, 0]);
  });
});
