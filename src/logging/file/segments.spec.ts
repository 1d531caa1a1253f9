import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultyFiles } from '../../../test/factories/faulty-files';
import { LogFolder, readAll } from '../../../test/factories/log-folder';
import { aDecision } from '../../../test/factories/prediction-record';
import { firstIdAt } from '../issue-record-id';
import { type PredictionRecord } from '../prediction-record';
import { type FilePredictionLog } from './file-prediction-log';

const DAY = 86_400_000;
const SMALL = 5000;

let folder: LogFolder;

beforeEach(async () => {
  folder = await LogFolder.make();
});

afterEach(async () => {
  await folder.remove();
});

async function segmentNames(): Promise<string[]> {
  return (await readdir(folder.path)).filter((name) => name.startsWith('production_logs')).sort();
}

async function appendOneByOne(log: FilePredictionLog, count: number): Promise<PredictionRecord[]> {
  const records: PredictionRecord[] = [];
  for (let appended = 0; appended < count; appended += 1) {
    folder.now += 1;
    records.push(await log.append(aDecision()));
  }
  return records;
}

describe('segments', () => {
  it('end before they exceed their size', async () => {
    const log = await folder.open({ maxSegmentBytes: SMALL });
    await appendOneByOne(log, 20);
    await log.close();

    expect(await segmentNames()).toEqual([
      'production_logs.000000001.2026-03-14.json',
      'production_logs.000000002.2026-03-14.json',
      'production_logs.000000003.2026-03-14.json',
      'production_logs.json',
    ]);
    for (const name of await segmentNames()) {
      const { length } = await readFile(join(folder.path, name));
      expect(length).toBeLessThanOrEqual(SMALL);
    }
  });

  it('hold the records of one UTC day, also when one write would span two', async () => {
    folder.now = Date.UTC(2026, 2, 14, 23, 59, 59, 999);
    const log = await folder.open();
    const appending = [log.append(aDecision()), log.append(aDecision())];
    folder.now += 1;
    appending.push(log.append(aDecision()));
    const [first, second, third] = await Promise.all(appending);
    folder.now += DAY * 2;
    const fourth = await log.append(aDecision());
    expect(await readAll(log)).toEqual([first, second, third, fourth]);
    await log.close();

    expect(await segmentNames()).toEqual([
      'production_logs.000000001.2026-03-14.json',
      'production_logs.000000002.2026-03-15.json',
      'production_logs.json',
    ]);
  });

  it('of yesterday end with the first record after a restart', async () => {
    let log = await folder.open();
    await log.append(aDecision());
    await log.close();
    folder.now += DAY;
    log = await folder.open();
    expect(await segmentNames()).toEqual(['production_logs.json']);
    await log.append(aDecision());
    await log.close();

    expect(await segmentNames()).toEqual([
      'production_logs.000000001.2026-03-14.json',
      'production_logs.json',
    ]);
  });

  it('never overwrite a file', async () => {
    const log = await folder.open({ maxSegmentBytes: 1 });
    const taken = join(folder.path, 'production_logs.000000001.2026-03-14.json');
    await writeFile(taken, 'of somebody else\n');
    await appendOneByOne(log, 2);
    await log.close();

    expect(await readFile(taken, 'utf8')).toBe('of somebody else\n');
    expect(await segmentNames()).toContain('production_logs.000000002.2026-03-14.json');
  });

  it('go on with the next number after a restart, whatever else lies in the folder', async () => {
    await writeFile(join(folder.path, 'production_logs.000000041.2026-01-01.json'), '');
    await writeFile(join(folder.path, 'production_logs.999999999.2026-01-01.json.copy'), '');
    const log = await folder.open({ maxSegmentBytes: 1 });
    await appendOneByOne(log, 2);
    await log.close();

    expect(await segmentNames()).toContain('production_logs.000000042.2026-03-14.json');
  });

  it('are not begun over a file that another program put there', async () => {
    const files = new FaultyFiles();
    const log = await folder.open({ maxSegmentBytes: 1, openFile: files.open });
    const records = await appendOneByOne(log, 1);
    files.next('open', { code: 'EMFILE' });
    await expect(log.append(aDecision())).rejects.toThrow('EMFILE');
    await folder.writeActive(Buffer.from('of somebody else\n'));
    await expect(log.append(aDecision())).rejects.toThrow('(EEXIST): another program wrote to it');

    expect((await folder.readActive()).toString()).toBe('of somebody else\n');
    expect(await readAll(log)).toEqual(records);
    await log.close();
  });
});

describe('reading many segments', () => {
  it('finds by id with few small reads, however long the log is', async () => {
    const files = new FaultyFiles();
    const log = await folder.open({ openFile: files.open, maxSegmentBytes: 1_000_000 });
    const records: PredictionRecord[] = [];
    for (let round = 0; round < 40; round += 1) {
      folder.now += 1000;
      records.push(...(await Promise.all(Array.from({ length: 200 }, () => log.append(aDecision())))));
    }
    expect((await segmentNames()).length).toBeGreaterThan(5);
    await log.find(records[0]?.id ?? '');
    for (const index of [0, 1, 999, 4000, 7998, 7999]) {
      const [reads, bytes] = [files.count('read'), files.bytesRead];
      expect(await log.find(records[index]?.id ?? '')).toEqual(records[index]);
      expect(files.count('read') - reads).toBeLessThanOrEqual(20);
      expect(files.bytesRead - bytes).toBeLessThan(120_000);
    }
    await log.close();
  });

  it('remembers where each closed segment begins', async () => {
    const files = new FaultyFiles();
    const log = await folder.open({ openFile: files.open, maxSegmentBytes: 1 });
    await appendOneByOne(log, 64);
    await log.find(firstIdAt(folder.now));
    const reads = files.count('read');
    await log.find(firstIdAt(folder.now));

    // One look into the segment that may hold it.
    expect(files.count('read') - reads).toBeLessThanOrEqual(2);
    await log.close();
  });

  it('finds and reads everything while segments come and go', async () => {
    const log = await folder.open({ maxSegmentBytes: SMALL });
    const records: PredictionRecord[] = [];
    const state = { writing: true };
    const writer = (async () => {
      for (let round = 0; round < 100; round += 1) {
        folder.now += 1;
        records.push(...(await Promise.all([log.append(aDecision()), log.append(aDecision())])));
      }
      state.writing = false;
    })();
    for (let looked = 0; state.writing || looked < 50; looked += 1) {
      await new Promise(setImmediate);
      const known = [...records];
      const wanted = known[(looked * 7919) % Math.max(1, known.length)];
      if (wanted === undefined) continue;
      expect(await log.find(wanted.id)).toEqual(wanted);
      const newest = await log.read({ order: 'newest-first', limit: 3 });
      expect((newest.records[0]?.id ?? '') >= (known.at(-1)?.id ?? '')).toBe(true);
      if (looked % 10 === 0) expect((await readAll(log)).slice(0, known.length)).toEqual(known);
    }
    await writer;
    expect(await readAll(log)).toEqual(records);
    await log.close();
  }, 30_000);

  it('closes every file it opened', async () => {
    const files = new FaultyFiles();
    const log = await folder.open({ openFile: files.open, maxSegmentBytes: SMALL });
    const records = await appendOneByOne(log, 50);
    await Promise.all(records.map(({ id }) => log.find(id)));
    await Promise.all(records.map(({ id }) => log.read({ after: id, limit: 3 })));
    await log.close();

    expect(files.count('close')).toBe(files.count('open'));
  });

  it('reads a page with few reads, in blocks of bounded size', async () => {
    const files = new FaultyFiles();
    const log = await folder.open({ openFile: files.open });
    await Promise.all(Array.from({ length: 5000 }, () => log.append(aDecision())));
    files.calls.length = 0;
    files.bytesRead = 0;
    expect((await log.read({ limit: 10 })).records).toHaveLength(10);
    expect((await log.read({ limit: 10, order: 'newest-first' })).records).toHaveLength(10);

    expect(files.bytesRead).toBeLessThan(60_000);
    await log.close();
  });
});

describe('a damaged line in a closed segment', () => {
  /** Ten segments of four records; damages the given bytes of the fifth one. */
  async function damaged(
    damage: (bytes: Buffer, starts: readonly number[]) => void,
  ): Promise<{ log: FilePredictionLog; records: PredictionRecord[] }> {
    const log = await folder.open({ maxSegmentBytes: SMALL });
    const records = await appendOneByOne(log, 50);
    const path = join(folder.path, 'production_logs.000000005.2026-03-14.json');
    const bytes = await readFile(path);
    damage(bytes, [0, ...[...bytes.keys()].filter((at) => bytes[at] === 0x0a).map((at) => at + 1)]);
    await writeFile(path, bytes);
    return { log, records };
  }

  it.each([
    { line: 0, where: 'the first' },
    { line: 2, where: 'a middle' },
    { line: 4, where: 'the last' },
  ])('is left out and counted, its neighbours are found: $where one', async ({ line }) => {
    const { log, records } = await damaged((bytes, starts) => {
      bytes[(starts[line] ?? 0) + 60] = 0;
    });
    const all = await log.read({ limit: 1000 });
    const missing = records.filter(({ id }) => !all.records.some((record) => record.id === id));

    expect(all.records).toHaveLength(records.length - 1);
    expect(all.damagedLines).toBe(1);
    expect(await log.read({ limit: 1000, order: 'newest-first' })).toEqual({
      ...all,
      records: all.records.toReversed(),
    });
    for (const record of records) {
      expect(await log.find(record.id)).toEqual(missing.includes(record) ? undefined : record);
    }
    await log.close();
  });

  it('that holds two whole records, as its newline was overwritten, loses neither', async () => {
    const { log, records } = await damaged((bytes, starts) => {
      bytes[(starts[2] ?? 0) - 1] = 0x2a;
    });

    expect(await log.read({ limit: 1000 })).toEqual({ records, more: false, damagedLines: 1 });
    expect(await log.read({ limit: 1000, order: 'newest-first' })).toEqual({
      records: records.toReversed(),
      more: false,
      damagedLines: 1,
    });
    for (const record of records) expect(await log.find(record.id)).toEqual(record);
    await log.close();
  });

  it.each(['oldest-first', 'newest-first'] as const)(
    'is counted once by pages that follow each other, %s',
    async (order) => {
      const { log, records } = await damaged((bytes, starts) => {
        bytes[(starts[1] ?? 0) + 60] = 0;
        bytes[(starts[2] ?? 0) + 60] = 0;
      });
      for (const limit of [1, 2, 3, 7, 100]) {
        let [count, damagedLines, more] = [0, 0, true];
        let last: string | undefined;
        while (more) {
          const bound =
            last === undefined ? {} : order === 'oldest-first' ? { after: last } : { before: last };
          const page = await log.read({ ...bound, order, limit });
          count += page.records.length;
          damagedLines += page.damagedLines;
          last = page.records.at(-1)?.id;
          more = page.more;
        }
        expect({ count, damagedLines }).toEqual({ count: records.length - 2, damagedLines: 2 });
      }
      await log.close();
    },
  );

  it('does not hide other segments when nothing of its own can be read', async () => {
    const { log, records } = await damaged((bytes) => bytes.fill(0));
    const all = await log.read({ limit: 1000 });

    expect(all.records.length).toBeLessThan(records.length);
    expect(all.damagedLines).toBe(1);
    for (const record of all.records) expect(await log.find(record.id)).toEqual(record);
    await log.close();
  });
});

describe('bisecting a long segment', () => {
  /** A closed segment of 400 records, damaged. */
  async function longSegment(
    damage: (bytes: Buffer) => void,
    files: FaultyFiles,
  ): Promise<{ log: FilePredictionLog; records: PredictionRecord[]; sound: readonly PredictionRecord[] }> {
    const writer = await folder.open();
    const records: PredictionRecord[] = [];
    for (let round = 0; round < 10; round += 1) {
      folder.now += 1;
      records.push(...(await Promise.all(Array.from({ length: 40 }, () => writer.append(aDecision())))));
    }
    folder.now += DAY;
    const last = await writer.append(aDecision());
    await writer.close();
    const path = join(folder.path, 'production_logs.000000001.2026-03-14.json');
    const bytes = await readFile(path);
    damage(bytes);
    await writeFile(path, bytes);
    const log = await folder.open({ openFile: files.open });
    const sound = await readAll(log);
    expect(sound.at(-1)).toEqual(last);
    return { log, records, sound };
  }

  it('steps over damage wherever it looks, and still reads little', async () => {
    const files = new FaultyFiles();
    const { log, records, sound } = await longSegment((bytes) => {
      // Where it looks first: over more than one read, and a single line.
      bytes.fill(0, Math.floor(bytes.length / 2) - 100, Math.floor(bytes.length / 2) + 10_000);
      bytes.fill(0x20, Math.floor(bytes.length / 4), Math.floor(bytes.length / 4) + 3);
    }, files);
    expect(sound.length).toBeGreaterThan(380);
    for (const { id } of records) {
      const before = files.bytesRead;
      expect((await log.find(id))?.id).toBe(sound.some((record) => record.id === id) ? id : undefined);
      expect(files.bytesRead - before).toBeLessThan(120_000);
    }
    await log.close();
  });

  it('finds both records of every line that lost its newline', async () => {
    const { log, records } = await longSegment((bytes) => {
      const newlines = [...bytes.keys()].filter((at) => bytes[at] === 0x0a);
      for (const at of newlines.filter((_, index) => index % 2 === 0)) bytes[at] = 0x2a;
    }, new FaultyFiles());
    for (const record of records) expect(await log.find(record.id)).toEqual(record);
    await log.close();
  });
});
