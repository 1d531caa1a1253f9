import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogState } from '../../src/logging/prediction-log';
import { LogFolder, readAll } from '../factories/log-folder';
import { compileChild } from './compile-child';

interface Report {
  readonly outcomes: readonly { readonly id?: string; readonly error?: string }[];
  readonly fatalErrors: number;
  readonly state: LogState;
}

let child: string;
let folder: LogFolder;

beforeAll(() => {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
  } catch (error) {
    throw new Error('This test lets a system call fail: install strace, and run it on Linux as root', {
      cause: error,
    });
  }
  child = compileChild('log-sync.child');
});

beforeEach(async () => {
  folder = await LogFolder.make();
});

afterEach(async () => {
  await folder.remove();
});

/** One thread does all file work, as strace counts the calls of each thread. */
async function run(
  call: 'fsync' | 'fdatasync',
  { maxSegmentBytes = 1_000_000, inject = '' } = {},
): Promise<{ report: Report; syncs: string[] }> {
  const trace = join(folder.path, 'trace');
  const injection = inject === '' ? [] : ['-e', `inject=${call}:${inject}`];
  const output = execFileSync(
    'strace',
    [
      ...['-f', '-qq', '-y', '-e', `trace=${call}`, ...injection, '-o', trace],
      ...[process.execPath, child, join(folder.path, 'logs'), String(maxSegmentBytes)],
    ],
    { env: { ...process.env, UV_THREADPOOL_SIZE: '1' }, encoding: 'utf8' },
  );
  const syncs = (await readFile(trace, 'utf8')).split('\n').filter((line) => line.includes(`${call}(`));
  return { report: JSON.parse(output) as Report, syncs };
}

describe('fdatasync', () => {
  it('is called before every record that is written alone is acknowledged', async () => {
    const { report, syncs } = await run('fdatasync');

    expect(report.outcomes.filter(({ id }) => id !== undefined)).toHaveLength(10);
    expect(syncs).toHaveLength(10);
    expect(report.fatalErrors).toBe(0);
  });

  it('that fails refuses this and all later records, is never tried again, and ends the service', async () => {
    const { report, syncs } = await run('fdatasync', { inject: 'error=EIO:when=3' });
    const [first, second, third, ...later] = report.outcomes;

    expect(first?.id).toBeDefined();
    expect(second?.id).toBeDefined();
    expect(third?.error).toContain('could not be made durable (EIO)');
    expect(later.map(({ error }) => error)).toEqual(later.map(() => third?.error));
    expect(syncs).toHaveLength(3);
    expect(report.fatalErrors).toBe(1);
    expect(report.state.available).toBe(false);
    expect(report.state.reason).toContain('restart the service');

    const log = await LogFolder.at(join(folder.path, 'logs')).open();
    expect((await readAll(log)).map(({ id }) => id)).toEqual([first?.id, second?.id]);
    await log.close();
  });
});

describe('fsync of the folder', () => {
  it('makes the name of every new segment durable', async () => {
    const { report, syncs } = await run('fsync', { maxSegmentBytes: 1 });

    expect(report.outcomes.filter(({ id }) => id !== undefined)).toHaveLength(10);
    expect(syncs.filter((line) => line.includes(`${folder.path}/logs>`))).toHaveLength(10);
  });

  it('that fails is as final: records in a file whose name may vanish are not acknowledged', async () => {
    const { report, syncs } = await run('fsync', { maxSegmentBytes: 1, inject: 'error=EIO:when=3' });

    expect(report.outcomes.map(({ id }) => id !== undefined)).toEqual([
      true,
      true,
      ...Array.from({ length: 8 }, () => false),
    ]);
    expect(syncs).toHaveLength(3);
    expect(report.fatalErrors).toBe(1);
  });
});
