import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileChild } from './compile-child';
import { LogFolder } from '../factories/log-folder';

let child: string;
let folder: LogFolder;

beforeAll(() => {
  child = compileChild('log-writer.child');
});

beforeEach(async () => {
  folder = await LogFolder.make();
});

afterEach(async () => {
  await folder.remove();
});

/** Starts a writer, kills it some time after its first record, and returns what it acknowledged. */
async function writeAndKill(fsync: string, afterMilliseconds: number): Promise<string[]> {
  const writer = spawn(process.execPath, [child, folder.path, fsync], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let killing = false;
  writer.stdout.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    if (killing) return;
    killing = true;
    setTimeout(() => writer.kill('SIGKILL'), afterMilliseconds);
  });
  const [code, signal] = (await once(writer, 'close')) as [number | null, NodeJS.Signals | null];
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  // What follows the last newline was cut off by the kill.
  return text.split('\n').slice(0, -1);
}

async function readIds(): Promise<{ ids: string[]; requests: Set<string> }> {
  const log = await folder.open();
  expect((await log.probe()).damagedLines).toBe(0);
  const ids: string[] = [];
  const requests = new Set<string>();
  for (let more = true; more;) {
    const last = ids.at(-1);
    const page = await log.read({ limit: 10_000, ...(last === undefined ? {} : { after: last }) });
    expect(page.damagedLines).toBe(0);
    for (const { id, requestId } of page.records) {
      ids.push(id);
      requests.add(requestId);
    }
    more = page.more;
  }
  await log.close();
  return { ids, requests };
}

describe('a writer that is killed with SIGKILL', () => {
  it.each([
    { fsync: 'never', kills: 100 },
    { fsync: 'always', kills: 20 },
  ])(
    '$kills times, fsync $fsync: no acknowledged record is lost or doubled, and every restart succeeds',
    async ({ fsync, kills }) => {
      const acknowledged: string[] = [];
      for (let killed = 0; killed < kills; killed += 1) {
        const ids = await writeAndKill(fsync, Math.random() * 100);
        expect(ids.length).toBeGreaterThan(0);
        acknowledged.push(...ids);
      }
      const { ids, requests } = await readIds();
      const kept = new Set(ids);

      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      expect(kept.size).toBe(ids.length);
      expect(requests.size).toBe(ids.length);
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(acknowledged).size).toBe(acknowledged.length);
      console.log(`${String(acknowledged.length)} acknowledged, ${String(ids.length)} kept, fsync ${fsync}`);
    },
  );

  it('blocks nobody, while one that lives keeps a second one out', async () => {
    const writer = spawn(process.execPath, [child, folder.path, 'never'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    writer.stdout.resume();
    await expect(folder.open()).rejects.toThrow('is taken: another process writes there');
    writer.kill('SIGKILL');
    await once(writer, 'close');

    await (await folder.open()).close();
  });

  it('and started again as six at once becomes exactly one writer, each time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const writers = Array.from({ length: 6 }, () =>
        spawn(process.execPath, [child, folder.path, 'never'], { stdio: ['ignore', 'pipe', 'pipe'] }),
      );
      const outcomes = await Promise.all(
        writers.map(async (writer) => {
          let complaint = '';
          writer.stderr.setEncoding('utf8').on('data', (part: string) => {
            complaint += part;
          });
          const ended = once(writer, 'close').then(() => complaint);
          return Promise.race([once(writer.stdout, 'data').then(() => 'writes'), ended]);
        }),
      );
      for (const writer of writers) {
        if (writer.exitCode === null) {
          const ended = once(writer, 'close');
          writer.stdout.resume();
          writer.kill('SIGKILL');
          await ended;
        }
      }
      expect(outcomes.filter((outcome) => outcome === 'writes')).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome !== 'writes') expect(outcome).toContain('is taken: another process');
    }
    const { ids, requests } = await readIds();
    expect(requests.size).toBe(ids.length);
  });
});
