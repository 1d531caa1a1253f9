import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exampleBody, findFreePort, ServiceProcess } from './service-process';

const CALLERS = 8;
const CLIENT = 'client-4711';

let dataFolder: string;
let service: ServiceProcess;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'service-erasure-'));
  service = ServiceProcess.start(await findFreePort(), { DATA_DIR: dataFolder });
  await service.ready();
});
afterEach(async () => {
  await service.kill();
  await rm(dataFolder, { recursive: true, force: true });
});

/** Runs a command as `npm run` does, in a process of its own. */
async function runCommand(name: string, ...words: string[]): Promise<{ code: unknown; printed: string }> {
  const child = spawn(
    process.execPath,
    [join(__dirname, '../../dist/command-line', `${name}.js`), ...words],
    {
      env: { ...process.env, DATA_DIR: dataFolder },
    },
  );
  let printed = '';
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  child.stderr.on('data', (text: Buffer) => (printed += text.toString()));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, printed };
}

/** A body with another client. */
function bodyOf(clientId: string): string {
  return JSON.stringify({ ...(JSON.parse(exampleBody()) as object), clientId });
}

async function decide(clientId: string): Promise<string> {
  const answer = await service.send('POST', '/predict', bodyOf(clientId));
  if (answer?.status !== 200)
    throw new Error(`Expected 200, and not ${String(answer?.status)}: ${answer?.body ?? ''}`);
  return (JSON.parse(answer.body) as { id: string }).id;
}

/** How often the client's name stands in any file. */
async function countTraces(): Promise<number> {
  let traces = 0;
  for (const name of await readdir(dataFolder, { recursive: true })) {
    const path = join(dataFolder, name);
    if ((await stat(path)).isFile())
      traces += (await readFile(path, 'latin1')).split(`"${CLIENT}"`).length - 1;
  }
  return traces;
}

describe('erasing a client beside a service under load', () => {
  it('delays nobody into a failure, loses no decision, and leaves nothing of the client', async () => {
    const mine = await Promise.all(Array.from({ length: 20 }, () => decide(CLIENT)));
    expect(await countTraces()).toBe(mine.length);
    const others: string[] = [];
    let done = false;
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      while (!done) others.push(await decide(`client-${String(caller)}`));
    });
    const erased = await runCommand('erase', '--client', CLIENT, '--reason', 'request 2026-118');
    const again = await runCommand('erase', '--client', 'client-3', '--reason', 'request 2026-119');
    done = true;
    await Promise.all(callers);
    expect(erased).toEqual({
      code: 0,
      printed: expect.stringMatching(
        /^20 records in 1 segments were erased; the client is erased-\w+ there\.\n$/,
      ) as string,
    });
    expect(again.code).toBe(0);
    expect(await countTraces()).toBe(0);
    for (const id of [...mine, ...others.slice(0, 50), ...others.slice(-50)]) {
      expect((await service.send('GET', `/predictions/${id}`))?.status).toBe(200);
    }
    const ids: string[] = [];
    const folder = join(dataFolder, 'logs');
    for (const name of (await readdir(folder))
      .filter((each) => /^production_logs.*json$/.test(each))
      .sort()) {
      for (const line of (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')) {
        if (line !== '') ids.push((JSON.parse(line) as { id: string }).id);
      }
    }
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.toSorted()).toEqual([...mine, ...others].toSorted());
    const trail = await runCommand('audit', '--from', '2020-01-01', '--client', CLIENT);
    expect(trail.printed).toMatch(
      /erasure\tclient:\S+\tbegun.*\n.*erasure\tclient:\S+\tdone[^]*2 audit records/,
    );
    console.log(`${String(others.length)} decisions while two clients were erased: 0 failed, 0 lost`);
  });

  it('is refused when the service does not answer, and nothing is changed', async () => {
    await decide(CLIENT);
    service.child.kill('SIGSTOP');
    const { code, printed } = await runCommand('erase', '--client', CLIENT, '--reason', 'request 2026-118');
    service.child.kill('SIGCONT');
    expect(code).toBe(1);
    expect(printed).toContain('did not end its segment within 15 seconds: nothing was erased');
    expect(await countTraces()).toBe(1);
    expect(await readdir(join(dataFolder, 'logs'))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^seal-request/)]),
    );
  });
});
