import { readdir } from 'node:fs/promises';
import { FaultyFiles } from '../../../test/factories/faulty-files';
import { LogFolder, readAll } from '../../../test/factories/log-folder';
import { aDecision } from '../../../test/factories/prediction-record';
import { LogUnavailableError } from '../prediction-log';
import { type FilePredictionLog } from './file-prediction-log';

let folder: LogFolder;
let files: FaultyFiles;
let log: FilePredictionLog;

beforeEach(async () => {
  folder = await LogFolder.make();
  files = new FaultyFiles();
  log = await folder.open({ openFile: files.open });
});

afterEach(async () => {
  await log.close();
  await folder.remove();
});

async function refusalOf(appending: Promise<unknown>): Promise<LogUnavailableError> {
  const error: unknown = await appending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LogUnavailableError)) throw new Error('expected the append to be refused');
  return error;
}

async function expectOnDisk(records: readonly unknown[]): Promise<void> {
  expect(await readAll(log)).toEqual(records);
  const lines = (await folder.readActive()).toString().split('\n');
  expect(lines).toHaveLength(records.length + 1);
  expect(lines.at(-1)).toBe('');
  await log.close();
  log = await folder.open();
  expect(await readAll(log)).toEqual(records);
  expect((await log.probe()).damagedLines).toBe(0);
}

describe('a write that fails', () => {
  it.each([
    { what: 'at once', outcomes: [{ code: 'ENOSPC' }] },
    { what: 'after half of the bytes', outcomes: [{ shortBy: 400 }, { code: 'ENOSPC' }] },
    { what: 'one byte before the end', outcomes: [{ shortBy: 1 }, { code: 'EIO' }] },
    { what: 'without any progress', outcomes: [{ shortBy: 100 }, { shortBy: Infinity }] },
  ])('$what: nothing of it stays, and the next append succeeds', async ({ outcomes }) => {
    const first = await log.append(aDecision());
    files.next('write', ...outcomes);
    await refusalOf(log.append(aDecision()));
    expect((await folder.readActive()).toString().split('\n')).toHaveLength(2);
    const second = await log.append(aDecision());

    await expectOnDisk([first, second]);
  });

  it('a short write is continued', async () => {
    files.next('write', { shortBy: 700 }, { shortBy: 300 });
    const record = await log.append(aDecision());

    expect(files.count('write')).toBe(3);
    await expectOnDisk([record]);
  });

  it('refuses every record of that write, and none of the others', async () => {
    const release = files.holdWrites();
    const first = log.append(aDecision());
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    files.next('write', { code: 'ENOSPC' });
    const waiting = Array.from({ length: 10 }, () => log.append(aDecision()));
    release();
    const kept = await first;
    for (const appending of waiting) await refusalOf(appending);
    const later = await log.append(aDecision());

    await expectOnDisk([kept, later]);
  });

  it('cuts the rest off before the next write, again and again until it succeeds', async () => {
    const first = await log.append(aDecision());
    files.next('write', { shortBy: 200 }, { code: 'ENOSPC' });
    files.next('truncate', { code: 'EIO' }, { code: 'EIO' });
    await refusalOf(log.append(aDecision()));
    const writes = files.count('write');
    await refusalOf(log.append(aDecision({ caller: 'somebody else' })));
    expect(files.count('write')).toBe(writes);
    const second = await log.append(aDecision());

    await expectOnDisk([first, second]);
  });

  it('shows nothing of it to readers', async () => {
    const first = await log.append(aDecision());
    files.next('write', 'succeeds');
    files.next('write', { shortBy: 1 }, { code: 'ENOSPC' });
    const second = await log.append(aDecision());
    files.next('truncate', { code: 'EIO' });
    await refusalOf(log.append(aDecision()));

    expect(await readAll(log)).toEqual([first, second]);
    expect((await log.read({ order: 'newest-first', limit: 1 })).records).toEqual([second]);
  });

  it('names the file, the cause and what to do, and nothing of the record', async () => {
    files.next('write', { code: 'ENOSPC' });
    const { message, retryAfterSeconds } = await refusalOf(log.append(aDecision({ clientId: 'secret' })));

    expect(message).toContain('production_logs.json cannot be written (ENOSPC): make room on its volume');
    expect(message).not.toContain('secret');
    expect(retryAfterSeconds).toBeGreaterThan(0);
  });

  it('leaves what is unfinished to the next start when even closing cannot cut it', async () => {
    const first = await log.append(aDecision());
    files.next('write', { shortBy: 200 }, { code: 'ENOSPC' });
    files.next('truncate', { code: 'EIO' }, { code: 'EIO' });
    await refusalOf(log.append(aDecision()));
    await log.close();
    log = await folder.open();

    expect(await readAll(log)).toEqual([first]);
  });
});

describe('probe', () => {
  it('reports a failed write until a probe succeeds', async () => {
    files.next('write', { code: 'EIO' });
    await refusalOf(log.append(aDecision()));
    const probed = await log.probe();

    // The real disk has room: the probe file could be written.
    expect(probed).toEqual({ available: true, waiting: 0, damagedLines: 0 });
  });

  it('tries once a second at most, and leaves no file behind', async () => {
    files.next('write', { code: 'EIO' }, { code: 'EIO' });
    await refusalOf(log.append(aDecision()));
    expect((await log.probe()).available).toBe(true);
    await refusalOf(log.append(aDecision()));
    const tooSoon = await log.probe();
    expect(tooSoon.available).toBe(false);
    expect(tooSoon.reason).toContain('cannot be written (EIO)');
    folder.now += 1000;
    expect((await log.probe()).available).toBe(true);

    expect((await readdir(folder.path)).filter((name) => name.startsWith('space-probe'))).toEqual([]);
  });

  it('reports a log that was written again without asking the disk', async () => {
    files.next('write', { code: 'EIO' }, { code: 'EIO' });
    await refusalOf(log.append(aDecision()));
    await log.probe();
    await refusalOf(log.append(aDecision()));
    await log.append(aDecision());

    expect((await log.probe()).available).toBe(true);
  });
});

describe('a queue that is full', () => {
  it.each([
    { bound: 'records', limits: { maxWaitingRecords: 5 } },
    { bound: 'bytes', limits: { maxWaitingBytes: 4000 } },
  ])('refuses at once beyond its $bound, and takes records again when it is empty', async ({ limits }) => {
    await log.close();
    log = await folder.open({ openFile: files.open, ...limits });
    const release = files.holdWrites();
    const waiting = Array.from({ length: 5 }, () => log.append(aDecision()));
    const { message } = await refusalOf(log.append(aDecision()));
    expect(message).toContain('5 records wait');
    expect((await log.probe()).available).toBe(false);
    expect((await log.probe()).waiting).toBe(5);
    release();
    const kept = await Promise.all(waiting);
    kept.push(await log.append(aDecision()));

    await expectOnDisk(kept);
  });

  it('refuses a record that is longer than a line may be', async () => {
    await expect(log.append(aDecision({ caller: 'x'.repeat(1024 * 1024) }))).rejects.toThrow(RangeError);
    const record = await log.append(aDecision({ caller: 'x'.repeat(1024 * 1024 - 2000) }));

    await expectOnDisk([record]);
  });
});

describe('group commit', () => {
  it('writes all that wait with one write', async () => {
    const release = files.holdWrites();
    const first = log.append(aDecision());
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const waiting = Array.from({ length: 100 }, () => log.append(aDecision()));
    release();
    const records = await Promise.all([first, ...waiting]);

    expect(files.count('write')).toBe(2);
    await expectOnDisk(records);
  });

  it('writes a megabyte at once at most', async () => {
    const records = await Promise.all(
      Array.from({ length: 30 }, () => log.append(aDecision({ caller: 'x'.repeat(100_000) }))),
    );

    expect(files.count('write')).toBeGreaterThanOrEqual(3);
    await expectOnDisk(records);
  });

  it('does not resolve before the write returned', async () => {
    const release = files.holdWrites();
    let resolved = false;
    const appending = log.append(aDecision()).then(() => {
      resolved = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(resolved).toBe(false);
    release();
    await appending;
  });
});

describe('with fsync always', () => {
  beforeEach(async () => {
    await log.close();
    log = await folder.open({ openFile: files.open, fsync: 'always' });
  });

  it('syncs after the write and before it resolves, once for all that wait', async () => {
    files.calls.length = 0;
    await Promise.all([log.append(aDecision()), log.append(aDecision())]);

    expect(files.calls).toEqual(['write', 'datasync']);
  });

  it('a sync that fails is final: it is never tried again, and all is refused from then on', async () => {
    const first = await log.append(aDecision());
    files.next('datasync', { code: 'EIO' });
    const syncs = files.count('datasync');
    const release = files.holdWrites();
    const failing = log.append(aDecision());
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const waiting = log.append(aDecision());
    release();
    await refusalOf(failing);
    await refusalOf(waiting);
    const { message } = await refusalOf(log.append(aDecision()));
    folder.now += 60_000;

    expect(message).toContain('could not be made durable (EIO)');
    expect(await log.probe()).toEqual({ available: false, reason: message, waiting: 0, damagedLines: 0 });
    expect(files.count('datasync')).toBe(syncs + 1);
    expect(folder.fatalErrors.map((error) => error.message)).toEqual([message]);
    await expectOnDisk([first]);
  });
});

it('without fsync it never syncs', async () => {
  await log.append(aDecision());

  expect(files.count('datasync')).toBe(0);
});

describe('a new segment that cannot be begun', () => {
  beforeEach(async () => {
    await log.close();
    log = await folder.open({ openFile: files.open, maxSegmentBytes: 1 });
  });

  it('refuses, and is tried again with the next append', async () => {
    const first = await log.append(aDecision());
    files.next('open', { code: 'EMFILE' }, { code: 'EMFILE' });
    await refusalOf(log.append(aDecision()));
    expect((await refusalOf(log.append(aDecision()))).message).toContain('raise the limit of open files');
    const second = await log.append(aDecision());
    const third = await log.append(aDecision());

    expect(await readAll(log)).toEqual([first, second, third]);
    await log.close();
    log = await folder.open();
    expect(await readAll(log)).toEqual([first, second, third]);
  });

  it('can still be read and closed', async () => {
    const first = await log.append(aDecision());
    files.next('open', { code: 'EMFILE' });
    await refusalOf(log.append(aDecision()));

    expect(await readAll(log)).toEqual([first]);
  });
});
