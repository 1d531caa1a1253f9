import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LogFolder, readAll } from '../../../test/factories/log-folder';
import { aDecision } from '../../../test/factories/prediction-record';
import { unhurriedTime } from '../../../test/contract/unhurried-time';
import { type PredictionRecord } from '../prediction-record';
import { eraseFromSegment } from './erase-from-segment';
import { Erasure } from './erasure';
import { FileLogReader } from './file-log-reader';
import { type FilePredictionLog } from './file-prediction-log';
import { requestSeal } from './seal-requests';
import { ACTIVE_SEGMENT, listSealedSegments } from './segment-files';

const SMALL = 5000;
const AT = '2026-03-14T12:00:00.000Z';

let folder: LogFolder;
let log: FilePredictionLog;

beforeEach(async () => {
  folder = await LogFolder.make();
  log = await folder.open({ maxSegmentBytes: SMALL });
});

afterEach(async () => {
  await log.close();
  await folder.remove();
});

async function append(count: number, clientId = 'c'): Promise<PredictionRecord[]> {
  const records: PredictionRecord[] = [];
  for (let appended = 0; appended < count; appended += 1)
    records.push(await log.append(aDecision({ clientId })));
  return records;
}

async function sealedPaths(): Promise<string[]> {
  return (await listSealedSegments(folder.path)).map(({ name }) => join(folder.path, name));
}

const idsOf = (records: readonly PredictionRecord[]): string[] => records.map(({ id }) => id);

describe('sealing on demand', () => {
  it('puts all that was kept into sealed segments, and goes on behind it', async () => {
    const before = await append(2);
    const appending = append(3);
    await log.seal();
    expect((await stat(join(folder.path, ACTIVE_SEGMENT))).size).toBeLessThan(SMALL);
    const [first] = await sealedPaths();
    expect(first).toMatch(/production_logs\.000000001\.2026-03-14\.json$/);
    const records = [...before, ...(await appending), ...(await append(1))];
    expect(await readAll(log)).toEqual(records);
    await log.close();
    log = await folder.open();
    expect(await readAll(log)).toEqual(records);
  });

  it('does nothing to an empty segment', async () => {
    await log.seal();
    await log.seal();
    expect(await sealedPaths()).toEqual([]);
    await append(1);
    await log.seal();
    await log.seal();
    expect(await sealedPaths()).toHaveLength(1);
  });

  it('may be asked for by any other process, which learns when it is done', async () => {
    const records = await append(2);
    expect(await requestSeal(folder.path, new AbortController().signal)).toBe(true);
    expect(await sealedPaths()).toHaveLength(1);
    expect((await readdir(folder.path)).filter((name) => name.startsWith('seal-request'))).toEqual([]);
    expect(await readAll(log)).toEqual(records);
  });

  it('is asked for no longer when the one who asked was interrupted', async () => {
    await log.close();
    await expect(requestSeal(folder.path, AbortSignal.timeout(20))).rejects.toThrow(/abort/i);
    expect((await readdir(folder.path)).filter((name) => name.startsWith('seal-request'))).toEqual([]);
  });

  it('continues ids and names when the log was found empty but for sealed segments', async () => {
    const records = await append(1);
    await log.seal();
    await log.close();
    log = await folder.open();
    const [next] = await append(1);
    expect((next?.id ?? '') > (records[0]?.id ?? '')).toBe(true);
    await log.seal();
    expect((await sealedPaths())[1]).toContain('000000002');
  });
});

describe('segments that are written anew or removed', () => {
  it('are read whole by a writer and a reader that knew the shorter ones', async () => {
    const records = await append(12);
    await log.seal();
    const reader = await FileLogReader.open({ folder: folder.path, time: unhurriedTime() });
    expect(await readAll(log)).toEqual(records);
    expect((await reader.read({ limit: 100 })).records).toEqual(records);
    const before = await Promise.all((await sealedPaths()).map(async (path) => (await stat(path)).size));
    for (const path of await sealedPaths()) await eraseFromSegment(path, erasureWithLongName());
    const after = await Promise.all((await sealedPaths()).map(async (path) => (await stat(path)).size));
    // The case that is tested: a reader that kept the old length would miss the end.
    expect(after.every((size, index) => size > (before[index] ?? 0))).toBe(true);
    for (const source of [log, reader]) {
      const { records: found, damagedLines } = await source.read({ limit: 100 });
      expect(idsOf(found)).toEqual(idsOf(records));
      expect(damagedLines).toBe(0);
      for (const { id } of records) expect((await source.find(id))?.clientId).toMatch(/^erased-/);
    }
    await reader.close();
  });

  it('never fail those who read all the while, nor show them a record twice or not at all', async () => {
    const ids = idsOf(await append(30));
    await log.seal();
    const reader = await FileLogReader.open({ folder: folder.path });
    let rounds = 0;
    let done = false;
    const reading = [log, reader].map(async (source) => {
      while (!done) {
        for (const order of ['oldest-first', 'newest-first'] as const) {
          const page = await source.read({ limit: 1000, order });
          expect(idsOf(page.records).toSorted()).toEqual(ids);
          expect(page.damagedLines).toBe(0);
          rounds += 1;
        }
      }
    });
    for (let clients = 0; clients < 40; clients += 1) {
      for (const path of await sealedPaths()) {
        // Every other one changes nothing but the file.
        await eraseFromSegment(path, clients % 2 === 0 ? new Erasure('nobody', AT) : new Erasure('c', AT));
      }
    }
    done = true;
    await Promise.all(reading);
    await reader.close();
    expect(rounds).toBeGreaterThan(10);
  });

  it('are left out by a writer that had them, when retention removed them', async () => {
    const records = await append(24);
    const paths = await sealedPaths();
    expect(paths.length).toBeGreaterThan(2);
    expect(await readAll(log)).toEqual(records);
    for (const path of paths.slice(0, 2)) await rm(path);
    const left = await readAll(log);
    expect(left).toEqual(records.slice(records.length - left.length));
    expect(left.length).toBeLessThan(records.length);
    expect(await log.find(records[0]?.id ?? '')).toBeUndefined();
    const [next] = await append(1);
    expect((await readAll(log)).at(-1)).toEqual(next);
  });

  it('do not confuse a reader when a new active segment gets the inode of an old file', async () => {
    const records = await append(4);
    await log.seal();
    const reader = await FileLogReader.open({ folder: folder.path, time: unhurriedTime() });
    expect((await reader.read({ limit: 100 })).records).toEqual(records);
    // As a swap frees an inode and the file system gives it to the next file: sealed becomes active.
    const [path = ''] = await sealedPaths();
    await log.close();
    await copyFile(path, `${path}.copy`);
    await rm(join(folder.path, ACTIVE_SEGMENT));
    await rename(path, join(folder.path, ACTIVE_SEGMENT));
    await rename(`${path}.copy`, path);
    const { records: found } = await reader.read({ limit: 100 });
    // Both files hold the same lines here; what matters is that the active one is not taken for the sealed one.
    expect(found.length).toBe(records.length * 2);
    await reader.close();
    await rm(join(folder.path, ACTIVE_SEGMENT));
    log = await folder.open();
  });
});

/** Erases the client `c`, whose tombstone and nulls make lines longer than they were. */
function erasureWithLongName(): Erasure {
  const erasure = new Erasure('c', AT);
  Object.assign(erasure, { tombstone: `erased-${'0'.repeat(600)}` });
  return erasure;
}
