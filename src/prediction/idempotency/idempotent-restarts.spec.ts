import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeyedProcess, KeyedProcesses, refusalWith } from '../../../test/factories/keyed-processes';
import { FilePredictionLog } from '../../logging/file/file-prediction-log';
import { type LogPage } from '../../logging/prediction-log';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let processes: KeyedProcesses;
beforeEach(async () => {
  processes = await KeyedProcesses.make();
});
afterEach(() => processes.remove());

describe('after a restart', () => {
  const KEYS = Array.from({ length: 40 }, (_, number) => `key-${number}`);

  async function decideAll(service: KeyedProcess): Promise<string[]> {
    const texts: string[] = [];
    for (const key of KEYS) {
      texts.push(JSON.stringify((await service.send(key, processes.anApplication())).prediction));
      processes.now += MINUTE;
    }
    return texts;
  }

  it.each(['stop', 'kill'] as const)(
    'by a %s every key gets its answer, whatever segment it is in',
    async (how) => {
      const first = await processes.start();
      const texts = await decideAll(first);
      await first[how]();
      const segments = (await readdir(processes.logFolder)).filter((name) =>
        name.startsWith('production_logs.0'),
      );
      expect(segments.length).toBeGreaterThan(2);

      const second = await processes.start();
      const answers = await Promise.all(KEYS.map((key) => second.send(key, processes.anApplication())));
      expect(answers.every(({ replayed }) => replayed)).toBe(true);
      expect(answers.map(({ prediction }) => JSON.stringify(prediction))).toEqual(texts);
      await second.stop();
    },
  );

  it('reads no more of the log than what came after the last checkpoint', async () => {
    const first = await processes.start();
    await decideAll(first);
    await first.keys.checkpoint();
    await first.send('late', processes.anApplication());
    await first.kill();

    const read = jest.spyOn(FilePredictionLog.prototype, 'read');
    const second = await processes.start();
    const pages = await Promise.all(read.mock.results.map(({ value }) => value as Promise<LogPage>));
    read.mockRestore();
    // One record behind the checkpoint, and the newest one for the next checkpoint.
    expect(pages.flatMap(({ records }) => records.map(({ idempotencyKey }) => idempotencyKey))).toEqual([
      'late',
      'late',
    ]);
    expect((await second.send('key-0', processes.anApplication())).replayed).toBe(true);
    expect((await second.send('late', processes.anApplication())).replayed).toBe(true);
    await second.stop();
  });

  it('reads nothing of the log after a clean stop, and has written each key once', async () => {
    const first = await processes.start();
    await first.send('key-0', processes.anApplication());
    await first.keys.checkpoint();
    await first.send('key-1', processes.anApplication());
    await first.stop();
    const folder = processes.indexFolder;
    const sizes = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
    // Two blocks of a head and a checksum, 48 bytes, and an entry, 32 bytes.
    expect(sizes.reduce((sum, { length }) => sum + length, 0)).toBe(2 * (48 + 32));

    const read = jest.spyOn(FilePredictionLog.prototype, 'read');
    const second = await processes.start();
    const pages = await Promise.all(read.mock.results.map(({ value }) => value as Promise<LogPage>));
    read.mockRestore();
    expect(pages[0]?.records).toEqual([]);
    expect((await second.send('key-1', processes.anApplication())).replayed).toBe(true);
    await second.stop();
  });

  it.each([
    ['are gone', (path: string): Promise<void> => rm(path)],
    [
      'are damaged',
      (path: string): Promise<void> => appendFile(path, 'x').then(() => writeFile(path, 'damaged')),
    ],
    ['have rubbish at their end', (path: string): Promise<void> => appendFile(path, Buffer.alloc(300, 1))],
  ])('makes the index from the log when its files %s', async (_what, damage) => {
    const first = await processes.start();
    const texts = await decideAll(first);
    await first.stop();
    const folder = processes.indexFolder;
    for (const name of await readdir(folder)) await damage(join(folder, name));

    for (let restart = 1; restart <= 2; restart += 1) {
      const next = await processes.start();
      const answers = await Promise.all(KEYS.map((key) => next.send(key, processes.anApplication())));
      expect(answers.map(({ prediction }) => JSON.stringify(prediction))).toEqual(texts);
      await next.stop();
    }
  });

  it('does not believe index files that are ahead of the log, as after a power cut', async () => {
    const first = await processes.start();
    await decideAll(first);
    const copy = await mkdtemp(join(tmpdir(), 'idempotency-log-'));
    await cp(join(processes.logFolder, 'production_logs.json'), join(copy, 'production_logs.json'));
    await first.send('lost', processes.anApplication(1));
    await first.stop();
    await cp(join(copy, 'production_logs.json'), join(processes.logFolder, 'production_logs.json'));
    await rm(copy, { recursive: true });

    // With the clock set back, new ids lie below those that were lost.
    processes.now -= HOUR / 2;
    const second = await processes.start();
    expect((await second.send('lost', processes.anApplication(2))).replayed).toBe(false);
    expect((await second.send('key-39', processes.anApplication())).replayed).toBe(true);
    await second.send('new', processes.anApplication());
    await second.kill();
    const third = await processes.start();
    expect((await third.send('new', processes.anApplication())).replayed).toBe(true);
    await third.stop();
  });

  it('refuses keys with 503 and Retry-After, and is not ready, until the index is complete', async () => {
    const first = await processes.start();
    await first.send('key', processes.anApplication());
    await first.kill();
    const second = await processes.start(undefined, { settled: false });
    await expect(second.send('key', processes.anApplication())).rejects.toEqual(
      refusalWith(503, { 'Retry-After': '2' }),
    );
    expect(second.readiness.findReason()).toMatch(/idempotency keys/);
    await second.keys.settled();
    expect(second.readiness.findReason()).toBeUndefined();
    expect((await second.send('key', processes.anApplication())).replayed).toBe(true);
    await second.stop();
  });

  it('goes on refusing keys while the log cannot be read, and stops cleanly', async () => {
    const first = await processes.start();
    await first.send('key', processes.anApplication());
    await first.kill();

    const broken = Object.assign(new Error('broken'), { code: 'EIO' });
    const read = jest.spyOn(FilePredictionLog.prototype, 'read').mockRejectedValue(broken);
    const second = await processes.start();
    await expect(second.send('key', processes.anApplication())).rejects.toEqual(refusalWith(503));
    expect(second.readiness.findReason()).toMatch(/idempotency keys/);
    await second.stop();
    read.mockRestore();
  });

  it('decides all the same when the index files cannot be written', async () => {
    const service = await processes.start();
    await rm(processes.indexFolder, { recursive: true, force: true });
    await writeFile(processes.indexFolder, 'a file where the folder was');
    const { prediction } = await service.send('key', processes.anApplication());
    await service.keys.checkpoint();
    expect(await service.send('key', processes.anApplication())).toEqual({ prediction, replayed: true });
    await service.stop();
  });
});
