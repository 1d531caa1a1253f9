import { mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultyFiles } from '../../../test/factories/faulty-files';
import { LogFolder } from '../../../test/factories/log-folder';
import { aDecision, aRefusal } from '../../../test/factories/prediction-record';
import { type PredictionRecord } from '../prediction-record';
import { FileLogReader } from './file-log-reader';
import { type FilePredictionLog } from './file-prediction-log';
import { type MonotonicTime } from './folder-view';
import { ACTIVE_SEGMENT } from './segment-files';

const SMALL = 5000;

/** Passes only when it is told to, or waited for. */
class ManualTime implements MonotonicTime {
  current = 0;
  /** What others do while the reader waits. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  waits = 0;
  readonly now = (): number => this.current;
  readonly wait = async (milliseconds: number): Promise<void> => {
    this.waits += 1;
    await this.meanwhile();
    this.current += milliseconds;
  };
}

let folder: LogFolder;
let time: ManualTime;
const readers: FileLogReader[] = [];

beforeEach(async () => {
  folder = await LogFolder.make();
  time = new ManualTime();
});

afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close();
  await folder.remove();
});

async function openReader(
  differences: Partial<Parameters<typeof FileLogReader.open>[0]> = {},
): Promise<FileLogReader> {
  const reader = await FileLogReader.open({ folder: folder.path, time, ...differences });
  readers.push(reader);
  return reader;
}

async function idsOf(reader: FileLogReader): Promise<string[]> {
  return (await reader.read({ limit: 10_000 })).records.map(({ id }) => id);
}

async function append(log: FilePredictionLog, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let appended = 0; appended < count; appended += 1) {
    folder.now += 1;
    ids.push((await log.append(aDecision())).id);
  }
  return ids;
}

/** Everything after the last id in `ids`, page by page. */
async function follow(reader: FileLogReader, ids: string[], limit: number): Promise<void> {
  for (let more = true; more;) {
    const after = ids.at(-1);
    const page = await reader.read({ limit, ...(after !== undefined && { after }) });
    expect(page.damagedLines).toBe(0);
    ids.push(...page.records.map(({ id }) => id));
    more = page.more;
  }
}

describe('a reader beside the writer', () => {
  it('sees an empty log until the folder appears, and all of it then', async () => {
    const later = LogFolder.at(join(folder.path, 'not', 'yet'));
    const reader = await openReader({ folder: later.path });
    expect(await reader.read({ limit: 1 })).toEqual({ records: [], more: false, damagedLines: 0 });
    expect(await reader.probe()).toEqual({ available: true, waiting: 0, damagedLines: 0 });

    await mkdir(later.path, { recursive: true });
    const log = await later.open();
    const record = await log.append(aRefusal());
    time.current += 1000;

    expect((await reader.read({ limit: 10 })).records).toEqual([record]);
    expect(await reader.find(record.id)).toEqual(record);
    await log.close();
  });

  it('waits for what was written while nobody asked, and not when nothing was', async () => {
    const log = await folder.open();
    const reader = await openReader();
    const ids = await append(log, 3);
    time.current += 3_600_000;

    expect(await idsOf(reader)).toEqual(ids);
    expect(time.waits).toBe(1);
    time.current += 3_600_000;
    expect(await idsOf(reader)).toEqual(ids);
    expect(time.waits).toBe(1);
    await log.close();
  });

  it('asked every 50 ms never waits, and shows each record within a second', async () => {
    const log = await folder.open();
    const reader = await openReader();
    const writtenAt = new Map<string, number>();
    for (let turn = 0; turn < 100; turn += 1) {
      const [id = ''] = await append(log, 1);
      writtenAt.set(id, time.current);
      time.current += 50;
      const shown = new Set(await idsOf(reader));
      const late = [...writtenAt].filter(([each, at]) => time.current - at >= 1000 && !shown.has(each));
      expect(late).toEqual([]);
    }

    expect(time.waits).toBe(0);
    await log.close();
  });

  it('shows no half line, and does not call it damaged', async () => {
    const log = await folder.open();
    const ids = await append(log, 2);
    await log.close();
    const whole = await folder.readActive();
    await folder.writeActive(Buffer.concat([whole, whole.subarray(0, 300)]));
    const reader = await openReader();
    time.current += 1000;

    expect(await reader.read({ limit: 10 })).toMatchObject({ damagedLines: 0, more: false });
    expect(await idsOf(reader)).toEqual(ids);
  });

  it('counts damaged lines as the writer does', async () => {
    const log = await folder.open({ maxSegmentBytes: SMALL });
    const ids = await append(log, 20);
    await log.close();
    const bytes = await folder.readActive();
    bytes.fill('x', 20, 24);
    await folder.writeActive(bytes);
    const page = await (await openReader()).read({ limit: 10_000 });

    expect(page.damagedLines).toBe(1);
    expect(page.records).toHaveLength(ids.length - 1);
  });

  it('never shows a batch whose write failed, nor one of the same length that took its place', async () => {
    const log = await folder.open();
    const ids = await append(log, 2);
    await log.close();
    const kept = await folder.readActive();
    const refused = await foreignLine();
    const refusedToo = await foreignLine();
    expect(refusedToo).toHaveLength(refused.length);
    const reader = await openReader();

    await folder.writeActive(Buffer.concat([kept, refused]));
    expect(await idsOf(reader)).toEqual(ids);
    time.current += 249;
    expect(await idsOf(reader)).toEqual(ids);
    await folder.writeActive(Buffer.concat([kept, refusedToo]));
    time.current += 1;
    expect(await idsOf(reader)).toEqual(ids);
    await truncate(join(folder.path, ACTIVE_SEGMENT), kept.length);
    time.current += 1000;
    expect(await idsOf(reader)).toEqual(ids);
  });

  it('never shows a batch that is cut back while it waits', async () => {
    const log = await folder.open();
    const ids = await append(log, 2);
    await log.close();
    const kept = await folder.readActive();
    await folder.writeActive(Buffer.concat([kept, await foreignLine()]));
    time.meanwhile = () => truncate(join(folder.path, ACTIVE_SEGMENT), kept.length);
    const reader = await openReader();
    expect(time.waits).toBe(1);
    // What is left is looked at anew.
    expect(await idsOf(reader)).toEqual([]);

    time.current += 1000;
    expect(await idsOf(reader)).toEqual(ids);
  });

  it('shows what failed and was written again only once', async () => {
    const files = new FaultyFiles();
    const log = await folder.open({ openFile: files.open });
    const reader = await openReader();
    files.next('write', { shortBy: 10 }, { code: 'ENOSPC' });
    await expect(log.append(aDecision())).rejects.toThrow('ENOSPC');
    const ids = await append(log, 1);
    time.current += 1000;

    expect(await idsOf(reader)).toEqual(ids);
    await log.close();
  });

  it('goes on when a restart puts a clean copy without the damaged lines in place', async () => {
    let log = await folder.open({ maxSegmentBytes: SMALL });
    const before = await append(log, 19);
    const reader = await openReader();
    const seen: string[] = [];
    await follow(reader, seen, 4);
    await log.close();
    const bytes = await folder.readActive();
    const secondLine = bytes.indexOf('\n') + 1;
    bytes.fill('x', secondLine + 20, secondLine + 24);
    await folder.writeActive(bytes);
    log = await folder.open({ maxSegmentBytes: SMALL });
    expect(await folder.setAside()).toHaveLength(1);

    const kept = (await log.read({ limit: 10_000 })).records.map(({ id }) => id);
    expect(await idsOf(reader)).toEqual(kept);
    const after = await append(log, 10);
    time.current += 1000;
    await follow(reader, seen, 4);
    expect(seen).toEqual([...before, ...after]);
    expect(await idsOf(reader)).toEqual([...kept, ...after]);
    await log.close();
  });

  it('meets a segment that is sealed between two steps of its look exactly once', async () => {
    const log = await folder.open({ maxSegmentBytes: 1 });
    const ids = await append(log, 3);
    const files = new FaultyFiles();
    let rotations = 0;
    const reader = await openReader({
      openFile: async (path, flags) => {
        const file = await files.open(path, flags);
        // The writer goes on as soon as the reader has the active segment open.
        if (path.endsWith(ACTIVE_SEGMENT) && rotations < 3) {
          rotations += 1;
          ids.push(...(await append(log, 2)));
        }
        return file;
      },
    });
    for (let look = 0; look < 4; look += 1) {
      time.current += 1000;
      const shown = await idsOf(reader);
      expect(shown).toEqual(ids.slice(0, shown.length));
    }

    expect(rotations).toBe(3);
    expect(await idsOf(reader)).toEqual(ids);
    await log.close();
  });

  it('leaves out a segment that retention removes while it is about to be read', async () => {
    const log = await folder.open({ maxSegmentBytes: SMALL });
    const ids = await append(log, 30);
    await log.close();
    const oldest = 'production_logs.000000001.2026-03-14.json';
    const files = new FaultyFiles();
    const reader = await openReader({
      openFile: async (path, flags) => {
        if (path.endsWith(oldest)) await rm(path);
        return files.open(path, flags);
      },
    });
    const shown = await idsOf(reader);

    expect(shown.length).toBeLessThan(ids.length);
    expect(shown).toEqual(ids.slice(-shown.length));
  });

  it('opens few files for a look-up among 200 segments, none twice for its first id, and keeps one open', async () => {
    const log = await folder.open({ maxSegmentBytes: 1 });
    const ids = await append(log, 201);
    const files = new FaultyFiles();
    const flags = new Set<string>();
    const reader = await openReader({
      openFile: (path, mode) => {
        flags.add(mode);
        return files.open(path, mode);
      },
    });
    // Bisecting 201 segments asks eight of them at most, and one is read.
    for (const id of [ids[0], ids[100], ids[199]]) {
      const before = files.count('open');
      expect((await reader.find(id ?? ''))?.id).toBe(id);
      expect(files.count('open') - before).toBeLessThanOrEqual(9);
    }
    const before = files.count('open');
    await reader.find(ids[100] ?? '');
    expect(files.count('open') - before).toBe(1);
    expect(files.count('open') - files.count('close')).toBe(1);
    ids.push(...(await append(log, 50)));
    time.current += 1000;
    expect(await idsOf(reader)).toEqual(ids);
    expect(files.count('open') - files.count('close')).toBe(1);
    await reader.close();

    expect(files.count('open') - files.count('close')).toBe(0);
    expect([...flags]).toEqual(['r']);
    await log.close();
  });

  it('says why the folder cannot be read, and reads on when it can', async () => {
    const log = await folder.open();
    const ids = await append(log, 1);
    await log.close();
    const reader = await openReader();
    await rename(folder.path, `${folder.path}-away`);
    await writeFile(folder.path, '');

    await expect(reader.read({ limit: 1 })).rejects.toThrow('cannot be read (ENOTDIR): it must be a folder');
    const state = await reader.probe();
    expect(state.available).toBe(false);
    expect(state.reason).toContain(folder.path);
    await expect(openReader()).rejects.toThrow('cannot be read (ENOTDIR)');
    await rm(folder.path);
    await rename(`${folder.path}-away`, folder.path);
    expect(await idsOf(reader)).toEqual(ids);
  });
});

describe('a reader that follows a writer at full speed, in time as it passes', () => {
  it.each([
    { maxSegmentBytes: 1, what: 'a segment for each write' },
    { maxSegmentBytes: 40_000, what: 'small segments' },
    { maxSegmentBytes: 1_000_000, what: 'larger ones' },
  ])('sees every acknowledged record once and in order: $what', async ({ maxSegmentBytes }) => {
    const log = await folder.open({ maxSegmentBytes, clock: Date.now });
    const reader = await FileLogReader.open({ folder: folder.path });
    readers.push(reader);
    const acknowledged: string[] = [];
    const end = performance.now() + 1000;
    const writers = Array.from({ length: 8 }, async (_, index) => {
      while (performance.now() < end) {
        const record = await log.append<PredictionRecord>(index % 4 === 3 ? aRefusal() : aDecision());
        acknowledged.push(record.id);
      }
    });
    const seen: string[] = [];
    while (performance.now() < end) {
      await follow(reader, seen, 37);
      await new Promise(setImmediate);
    }
    await Promise.all(writers);
    while (seen.length < acknowledged.length) await follow(reader, seen, 1000);

    expect(seen).toEqual(acknowledged.toSorted());
    await log.close();
  });
});

/** A line that no log here acknowledged. */
async function foreignLine(): Promise<Buffer> {
  const elsewhere = await LogFolder.make();
  elsewhere.now = folder.now + 1;
  const log = await elsewhere.open();
  await log.append(aDecision());
  await log.close();
  const line = await elsewhere.readActive();
  await elsewhere.remove();
  return line;
}
