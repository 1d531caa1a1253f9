import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstIdAt } from '../../logging/issue-record-id';
import { encodeCheckpointBlock } from './checkpoint-block';
import { CheckpointFiles } from './checkpoint-files';
import { ENTRY_BYTES } from './key-table';

const NOON = Date.UTC(2026, 10, 23, 12);
const HOUR = 3_600_000;
const aBlock = { after: firstIdAt(NOON), through: firstIdAt(NOON + HOUR) };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idempotency-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function entry(number: number): Buffer {
  return Buffer.alloc(ENTRY_BYTES, number);
}

/** What a start finds: the entries by their first byte, and how far the blocks reach. */
async function load(
  neededFrom = firstIdAt(NOON),
): Promise<{ through: string | undefined; entries: number[] }> {
  const parts: Buffer[] = [];
  const through = await new CheckpointFiles(folder).load(neededFrom, (part) => parts.push(Buffer.from(part)));
  const all = Buffer.concat(parts);
  const entries = Array.from(
    { length: all.length / ENTRY_BYTES },
    (_, place) => all[place * ENTRY_BYTES] ?? -1,
  );
  return { through, entries };
}

/** Three blocks, of which the last is in another file; block n ends `minutes[n]` after noon. */
async function writeBlocks(): Promise<string[]> {
  const files = new CheckpointFiles(folder);
  await files.load(firstIdAt(NOON), () => undefined);
  const ids = [0, 1, 2, 60].map((minutes) => firstIdAt(NOON + minutes * 60_000));
  const [zero = '', one = '', two = '', sixty = ''] = ids;
  await files.append({ after: zero, through: one }, [entry(1), entry(2)]);
  await files.append({ after: one, through: two }, []);
  await files.append({ after: two, through: sixty }, [entry(3)]);
  return ids;
}

describe('CheckpointFiles', () => {
  it('finds nothing in a folder that is not there, and makes it', async () => {
    folder = join(folder, 'new');
    expect(await load()).toEqual({ through: undefined, entries: [] });
    expect(await readdir(folder)).toEqual([]);
  });

  it('reads back every block in order, from files of an hour each', async () => {
    const ids = await writeBlocks();
    expect(await readdir(folder)).toEqual(['2026-11-23T12.keys', '2026-11-23T13.keys']);
    expect(await load()).toEqual({ through: ids[3], entries: [1, 2, 3] });
  });

  it('goes on in the file of the hour after a restart', async () => {
    const ids = await writeBlocks();
    const files = new CheckpointFiles(folder);
    await files.load(firstIdAt(NOON), () => undefined);
    const next = firstIdAt(NOON + HOUR + 1);
    await files.append({ after: ids[3] ?? '', through: next }, [entry(4)]);
    expect(await load()).toEqual({ through: next, entries: [1, 2, 3, 4] });
  });

  it('keeps what lies before a byte that was changed, wherever it is, and removes the rest', async () => {
    const ids = await writeBlocks();
    const path = join(folder, '2026-11-23T12.keys');
    const whole = await readFile(path);
    const second = await readFile(join(folder, '2026-11-23T13.keys'));
    const firstLength = encodeCheckpointBlock(aBlock, [entry(1), entry(2)]).length;
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      await writeFile(path, damaged);
      await writeFile(join(folder, '2026-11-23T13.keys'), second);
      const expected =
        at < firstLength ? { through: undefined, entries: [] } : { through: ids[1], entries: [1, 2] };
      expect(await load()).toEqual(expected);
      // Again, as what is left is sound.
      expect(await load()).toEqual(expected);
    }
  });

  it('keeps the whole blocks of a file that was cut off anywhere', async () => {
    const ids = await writeBlocks();
    const path = join(folder, '2026-11-23T13.keys');
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      expect(await load()).toEqual({ through: ids[2], entries: [1, 2] });
    }
  });

  it('writes over what a failed block left behind', async () => {
    const ids = await writeBlocks();
    const files = new CheckpointFiles(folder);
    await files.load(firstIdAt(NOON), () => undefined);
    const path = join(folder, '2026-11-23T13.keys');
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(5000, 7)]));
    const next = firstIdAt(NOON + HOUR + 1);
    const later = firstIdAt(NOON + 2 * HOUR);
    await files.append({ after: ids[3] ?? '', through: next }, [entry(4)]);
    await files.append({ after: next, through: later }, [entry(5)]);
    expect(await load()).toEqual({ through: later, entries: [1, 2, 3, 4, 5] });
  });

  it('removes all when a file in the middle or at the beginning is missing, as far as there is a gap', async () => {
    const ids = await writeBlocks();
    const files = new CheckpointFiles(folder);
    await files.load(firstIdAt(NOON), () => undefined);
    await files.append({ after: ids[3] ?? '', through: firstIdAt(NOON + 2 * HOUR) }, [entry(4)]);
    await rm(join(folder, '2026-11-23T13.keys'));
    expect(await load()).toEqual({ through: ids[2], entries: [1, 2] });
    expect(await readdir(folder)).toEqual(['2026-11-23T12.keys']);
    expect(await load(firstIdAt(NOON - 1))).toEqual({ through: undefined, entries: [] });
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes the file of an hour 25 hours after its end', async () => {
    await writeBlocks();
    const files = new CheckpointFiles(folder);
    await files.removeOld(NOON + 26 * HOUR - 1);
    expect(await readdir(folder)).toHaveLength(2);
    await files.removeOld(NOON + 26 * HOUR);
    expect(await readdir(folder)).toEqual(['2026-11-23T13.keys']);
  });

  it('leaves files of others alone', async () => {
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await writeBlocks();
    await new CheckpointFiles(folder).removeAll();
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });
});
