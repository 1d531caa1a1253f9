import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogFolder, readAll } from '../../../test/factories/log-folder';
import { aDecision } from '../../../test/factories/prediction-record';
import { type PredictionRecord } from '../prediction-record';
import { CLEAN_COPY, DAMAGED_LINES } from './segment-files';

/** Short, with letters that one flipped bit turns into a newline (`*`) or a quote. */
const SHORT_DRAFT = { requestId: 'a*"#b' } as unknown as ReturnType<typeof aDecision>;

let folder: LogFolder;
/** A log of three short lines, and where each begins; the last entry is its end. */
let sound: Buffer;
let records: readonly PredictionRecord[];
let starts: readonly number[];

beforeAll(async () => {
  folder = await LogFolder.make();
  const log = await folder.open();
  records = [await log.append(SHORT_DRAFT), await log.append(SHORT_DRAFT), await log.append(SHORT_DRAFT)];
  await log.close();
  sound = await folder.readActive();
  starts = [0, ...[...sound.keys()].filter((at) => sound[at] === 0x0a).map((at) => at + 1)];
  await folder.remove();
});

beforeEach(async () => {
  folder = await LogFolder.make();
});

afterEach(async () => {
  await folder.remove();
});

/** Starts on these bytes, appends, starts again: what is kept, and how many lines were set aside. */
async function startOn(
  bytes: Buffer,
  within = folder,
): Promise<{ kept: readonly PredictionRecord[]; damagedLines: number }> {
  await within.writeActive(bytes);
  let log = await within.open();
  const kept = await readAll(log);
  const { damagedLines } = await log.probe();
  const appended = await log.append(SHORT_DRAFT);
  expect(appended.id > (kept.at(-1)?.id ?? '')).toBe(true);
  await log.close();
  log = await within.open();
  expect(await readAll(log)).toEqual([...kept, appended]);
  expect((await log.probe()).damagedLines).toBe(0);
  await log.close();
  const names = await readdir(within.path);
  expect(names.filter((name) => name.endsWith('.tmp') || name.endsWith('.sock'))).toEqual([]);
  return { kept, damagedLines };
}

/** Does something for every byte of the log, each in a folder of its own, sixteen at a time. */
async function forEveryByte(work: (at: number, within: LogFolder) => Promise<void>): Promise<void> {
  const remaining = [...sound.keys()];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let at = remaining.pop(); at !== undefined; at = remaining.pop()) {
        const within = await LogFolder.make();
        await work(at, within);
        await within.remove();
      }
    }),
  );
}

describe('a start on a log', () => {
  it('of sound lines changes nothing', async () => {
    expect(await startOn(sound)).toEqual({ kept: records, damagedLines: 0 });
    expect((await folder.readActive()).subarray(0, sound.length)).toEqual(sound);
    expect(await folder.setAside()).toEqual([]);
  });

  it.each([0x01, 0x20, 0xff])(
    'with any one byte changed by %d keeps every other record, and a record whose newline it was',
    async (mask) => {
      await forEveryByte(async (at, within) => {
        const bytes = Buffer.from(sound);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        const { kept, damagedLines } = await startOn(bytes, within);
        const hit = starts.findLastIndex((start) => start <= at);
        const isNewline = sound[at] === 0x0a;
        expect(kept).toEqual(isNewline ? records : records.filter((_, index) => index !== hit));
        expect(damagedLines).toBeGreaterThanOrEqual(1);
        expect(await within.setAside()).toHaveLength(damagedLines);
      });
    },
    60_000,
  );

  it('cut at any length keeps every whole line, and a last one that only lacks its newline', async () => {
    await forEveryByte(async (length, within) => {
      const { kept, damagedLines } = await startOn(sound.subarray(0, length), within);
      expect(kept).toEqual(records.filter((_, index) => (starts[index + 1] ?? 0) - 1 <= length));
      expect(damagedLines).toBe(0);
      expect(await within.setAside()).toEqual([]);
    });
  }, 60_000);

  it('sets the raw bytes of a damaged line aside, with where and when', async () => {
    const bytes = Buffer.from(sound);
    const at = starts[1] ?? 0;
    bytes[at + 50] = 0xff;
    await startOn(bytes);
    const length = (starts[2] ?? 0) - at - 1;

    expect(await folder.setAside()).toEqual([
      {
        segment: 'production_logs.json',
        offset: at,
        length,
        salvagedRecords: 0,
        setAsideAt: '2026-03-14T12:00:00.000Z',
        base64: bytes.toString('base64', at, at + length),
      },
    ]);
  });

  it('adds to what was set aside before', async () => {
    for (let round = 1; round <= 3; round += 1) {
      await startOn(Buffer.concat([Buffer.from('noise\n'), sound]));
      expect(await folder.setAside()).toHaveLength(round);
    }
  });

  it('adds nothing to half an entry that a killed start left there', async () => {
    await writeFile(join(folder.path, DAMAGED_LINES), '{"segment":"produ');
    await startOn(Buffer.concat([Buffer.from('noise\n'), sound]));
    const lines = (await readFile(join(folder.path, DAMAGED_LINES), 'utf8')).split('\n');

    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ offset: 0, length: 5 });
  });

  it.each([
    { what: 'zeros behind it', bytes: () => Buffer.concat([sound, Buffer.alloc(10_000)]), damagedLines: 0 },
    { what: 'zeros before it', bytes: () => Buffer.concat([Buffer.alloc(10_000), sound]), damagedLines: 1 },
    {
      what: 'megabytes of zeros before it',
      bytes: () => Buffer.concat([Buffer.alloc(5_000_000), sound]),
      damagedLines: 3,
    },
    {
      what: 'megabytes of lines without newlines',
      bytes: () => Buffer.concat([Buffer.alloc(3_000_000, '{"id":"'), Buffer.from('\n'), sound]),
      damagedLines: 2,
    },
    { what: 'empty lines', bytes: () => Buffer.concat([Buffer.from('\n\n'), sound]), damagedLines: 2 },
    {
      what: 'lines that end as on Windows',
      bytes: () => Buffer.from(sound.toString().replaceAll('\n', '\r\n')),
      damagedLines: 3,
    },
    {
      what: 'no newline at all',
      bytes: () => Buffer.from(sound.toString().replaceAll('\n', '')),
      damagedLines: 1,
    },
  ])('with $what keeps all records', async ({ bytes, damagedLines }) => {
    expect(await startOn(bytes())).toEqual({ kept: records, damagedLines });
  });

  it('of noise only keeps nothing and goes on', async () => {
    expect(await startOn(Buffer.from('noise\nmore noise\n'))).toEqual({ kept: [], damagedLines: 2 });
  });

  it('finds records in the middle of megabytes without a newline, also where they are read in parts', async () => {
    const lines = starts
      .slice(0, 3)
      .map((start, index) => sound.subarray(start, (starts[index + 1] ?? 0) - 1));
    const noise = Buffer.alloc(2 * 1024 * 1024 - 60);
    const bytes = Buffer.concat([
      noise,
      lines[0] ?? noise,
      noise,
      lines[1] ?? noise,
      noise,
      lines[2] ?? noise,
      Buffer.from('\n'),
    ]);

    expect((await startOn(bytes)).kept).toEqual(records);
  });

  it('that was killed while it replaced the segment starts over', async () => {
    await writeFile(join(folder.path, CLEAN_COPY), sound.subarray(0, 100));

    expect((await startOn(Buffer.concat([Buffer.from('noise\n'), sound]))).kept).toEqual(records);
  });

  it('that was killed between closing a segment and beginning the next one begins it', async () => {
    await folder.writeActive(sound);
    await rename(
      join(folder.path, 'production_logs.json'),
      join(folder.path, 'production_logs.000000001.2026-03-14.json'),
    );
    folder.now -= 3_600_000;
    const log = await folder.open();
    const appended = await log.append(SHORT_DRAFT);

    expect(await readAll(log)).toEqual([...records, appended]);
    expect(appended.id > (records.at(-1)?.id ?? '')).toBe(true);
    await log.close();
  });

  it('reads 64 MiB in blocks, in a fraction of a second', async () => {
    let log = await folder.open();
    while ((await folder.readActive()).length < 1_000_000) {
      await Promise.all(Array.from({ length: 300 }, () => log.append(aDecision())));
    }
    await log.close();
    const megabyte = await folder.readActive();
    await folder.writeActive(Buffer.concat(Array.from({ length: 64 }, () => megabyte)));
    const began = performance.now();
    log = await folder.open();
    const elapsed = performance.now() - began;
    await log.close();

    // About 100 ms when nothing else runs; the bound leaves room for a machine that is busy.
    expect(elapsed).toBeLessThan(2000);
  });
});
