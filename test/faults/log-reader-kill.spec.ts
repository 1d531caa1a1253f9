import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { FileLogReader } from '../../src/logging/file/file-log-reader';
import { LogFolder } from '../factories/log-folder';
import { compileChild } from './compile-child';

const KILLS = 40;

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

/** Starts a writer in a process of its own, and kills it some time after its first record. */
async function writeAndKill(fsync: string, afterMilliseconds: number): Promise<void> {
  const writer = spawn(process.execPath, [child, folder.path, fsync], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'close');
  await Promise.race([once(writer.stdout, 'data'), ended]);
  writer.stdout.resume();
  await wait(afterMilliseconds);
  writer.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

interface SeenRecord {
  readonly id: string;
  readonly requestId: string;
}

/** All records after the last one of `seen`, as far as they are shown now. */
async function follow(reader: Pick<FileLogReader, 'read'>, limit: number, seen: SeenRecord[]): Promise<void> {
  for (let more = true; more;) {
    const after = seen.at(-1)?.id;
    const page = await reader.read({ limit, ...(after !== undefined && { after }) });
    expect(page.damagedLines).toBe(0);
    for (const { id, requestId } of page.records) seen.push({ id, requestId });
    more = page.more;
  }
}

describe('a reader that follows by cursor while the writer is killed with SIGKILL', () => {
  it.each(['never', 'always'])(
    `${String(KILLS)} times, fsync %s: sees exactly what the log holds in the end, each record once`,
    async (fsync) => {
      const reader = await FileLogReader.open({ folder: folder.path });
      const seen: SeenRecord[] = [];
      const killed = new AbortController();
      const kills = (async () => {
        try {
          for (let kill = 0; kill < KILLS; kill += 1) await writeAndKill(fsync, Math.random() * 400);
        } finally {
          killed.abort();
        }
      })();
      let rounds = 0;
      while (!killed.signal.aborted) {
        await follow(reader, 250, seen);
        rounds += 1;
        // Less than a record takes to be shown at times, and more at others.
        await wait(Math.random() * 400);
      }
      await kills;
      const followed = seen.length;
      const log = await folder.open();
      expect((await log.probe()).damagedLines).toBe(0);
      const held: SeenRecord[] = [];
      await follow(log, 10_000, held);
      await log.close();
      // Nobody writes any more: two looks with a second between them show the rest.
      await follow(reader, 250, seen);
      await wait(1000);
      await follow(reader, 250, seen);
      await reader.close();

      expect(seen).toEqual(held);
      expect(new Set(held.map(({ id }) => id)).size).toBe(held.length);
      expect(followed).toBeGreaterThan(0);
      console.log(
        `${String(held.length)} records held and seen, ${String(followed)} of them in ${String(rounds)} rounds ` +
          `while writers were killed, fsync ${fsync}`,
      );
    },
  );
});
