import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { LogFolderError } from '../../src/logging/file/log-folder-error';
import { LogUnavailableError } from '../../src/logging/prediction-log';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { LogFolder, readAll } from '../factories/log-folder';
import { aDecision } from '../factories/prediction-record';

let volume: string;
let folder: LogFolder;

beforeEach(async () => {
  volume = await mkdtemp(join(tmpdir(), 'full-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', volume]);
  } catch (error) {
    throw new Error(
      'This test mounts a small volume: run it on Linux, as root, with `mount` and the right to use it',
      {
        cause: error,
      },
    );
  }
  folder = LogFolder.at(join(volume, 'logs'));
});

afterEach(async () => {
  // Lazily: a test that failed may have left a file open.
  execFileSync('umount', ['--lazy', volume]);
  await rm(volume, { recursive: true });
});

/** Appends until the disk is full; how many at once. */
async function fill(
  log: FilePredictionLog,
  atOnce: number,
): Promise<{ kept: PredictionRecord[]; reasons: unknown[] }> {
  const kept: PredictionRecord[] = [];
  const reasons: unknown[] = [];
  while (reasons.length === 0) {
    const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, () => log.append(aDecision())));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') kept.push(outcome.value);
      else reasons.push(outcome.reason);
    }
  }
  return { kept, reasons };
}

describe('a disk that is full', () => {
  it.each([1, 7, 500])(
    'refuses records, and takes them again when there is space: nothing lost, doubled or added (%d at once)',
    async (atOnce) => {
      const ballast = ['first', 'second', 'third'].map((name) => join(volume, name));
      for (const path of ballast) await writeFile(path, Buffer.alloc(200_000));
      let log = await folder.open({ maxSegmentBytes: 200_000 });
      const acknowledged: PredictionRecord[] = [];
      for (const path of ballast) {
        const inGroups = await fill(log, atOnce);
        const oneByOne = await fill(log, 1);
        acknowledged.push(...inGroups.kept, ...oneByOne.kept);
        for (const reason of [...inGroups.reasons, ...oneByOne.reasons]) {
          expect(reason).toBeInstanceOf(LogUnavailableError);
          expect(String(reason)).toContain('(ENOSPC): make room on its volume');
        }
        for (let tried = 0; tried < 20; tried += 1) {
          await expect(log.append(aDecision({ caller: 'x'.repeat(5000) }))).rejects.toThrow('ENOSPC');
        }
        folder.now += 1000;
        const full = await log.probe();
        expect(full.available).toBe(false);
        expect(full.reason).toContain('ENOSPC');
        expect(await readAll(log)).toEqual(acknowledged);

        await rm(path);
        folder.now += 1000;
        expect((await log.probe()).available).toBe(true);
        acknowledged.push(await log.append(aDecision()));
      }
      expect(await readAll(log)).toEqual(acknowledged);
      await log.close();
      log = await folder.open();
      expect(await readAll(log)).toEqual(acknowledged);
      expect((await log.probe()).damagedLines).toBe(0);
      await log.close();
    },
  );

  it('recovers without a probe: the next record simply is kept', async () => {
    await writeFile(join(volume, 'ballast'), Buffer.alloc(200_000));
    const log = await folder.open();
    const { kept } = await fill(log, 10);
    await rm(join(volume, 'ballast'));
    kept.push(await log.append(aDecision()));

    expect(await readAll(log)).toEqual(kept);
    await log.close();
  });

  it('lets a log with a torn tail be opened and read', async () => {
    let log = await folder.open();
    const { kept } = await fill(log, 10);
    await log.close();
    const bytes = await folder.readActive();
    await folder.writeActive(bytes.subarray(0, -10));
    await writeFile(join(volume, 'ballast'), Buffer.alloc(2_000_000)).catch(() => undefined);
    log = await folder.open();

    expect(await readAll(log)).toEqual(kept.slice(0, -1));
    await log.close();
  });

  it('refuses to start on damage that it has no room to set aside, and leaves the log as it is', async () => {
    await writeFile(join(volume, 'ballast'), Buffer.alloc(600_000));
    const log = await folder.open();
    const { kept } = await fill(log, 10);
    await log.close();
    const bytes = await folder.readActive();
    bytes[100] = 0;
    await folder.writeActive(bytes);
    await expect(folder.open()).rejects.toThrow(LogFolderError);
    await expect(folder.open()).rejects.toThrow('cannot be opened (ENOSPC): make room on its volume');

    expect((await folder.readActive()).equals(bytes)).toBe(true);
    expect(await folder.setAside()).toEqual([]);
    await rm(join(volume, 'ballast'));
    const repaired = await folder.open();
    expect(await readAll(repaired)).toEqual(kept.slice(1));
    await repaired.close();
  });
});
