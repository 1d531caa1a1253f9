import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { LogFolder } from '../../../test/factories/log-folder';
import { LogFolderError } from './log-folder-error';
import { WriterLock } from './writer-lock';

let folder: LogFolder;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await LogFolder.make();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    child.kill('SIGCONT');
  }
  await folder.remove();
});

/** Another process that listens on a socket in the folder and answers with a role. */
async function otherProcess(socketName: string, role: string): Promise<ChildProcess> {
  const script = `require('node:net').createServer((socket) => socket.end('${role}'))
    .listen(${JSON.stringify(socketName)}, () => console.log('listening'));`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function sockets(): Promise<string[]> {
  return (await readdir(folder.path)).filter((name) => name.endsWith('.sock'));
}

const LOWEST = 'writer-0000000000000000.sock';
const HIGHEST = 'writer-ffffffffffffffff.sock';

/** The user that owns nothing, on every Unix. */
const NOBODY = 65_534;

describe('WriterLock', () => {
  it('refuses a second writer and says which folder, why and what to do', async () => {
    const lock = await WriterLock.acquire(folder.path);
    const refused = WriterLock.acquire(folder.path);

    await expect(refused).rejects.toThrow(LogFolderError);
    await expect(refused).rejects.toThrow(
      `The prediction log in ${folder.path} is taken: another process writes there. ` +
        'Stop that process, or give this one a DATA_DIR of its own',
    );
    await lock.release();
    expect(await sockets()).toEqual([]);
  });

  it('lets the next writer in after it was released', async () => {
    for (let round = 0; round < 3; round += 1) {
      await (await WriterLock.acquire(folder.path)).release();
    }
  });

  it('refuses while a writer of another process lives, and not after it was killed', async () => {
    const other = await otherProcess(HIGHEST, 'holder');
    await expect(WriterLock.acquire(folder.path)).rejects.toThrow('another process writes there');
    await end(other, 'SIGKILL');
    expect(await sockets()).toEqual([HIGHEST]);
    const lock = await WriterLock.acquire(folder.path);

    expect(await sockets()).toHaveLength(1);
    expect(await sockets()).not.toContain(HIGHEST);
    await lock.release();
  });

  it('removes what a process left that was killed before it listened', async () => {
    const other = await otherProcess('starting-0123456789abcdef.sock', 'candidate');
    await end(other, 'SIGKILL');
    const lock = await WriterLock.acquire(folder.path);

    expect(await sockets()).toHaveLength(1);
    await lock.release();
  });

  it('takes a stopped process for alive', async () => {
    const other = await otherProcess(HIGHEST, 'holder');
    other.kill('SIGSTOP');

    await expect(WriterLock.acquire(folder.path)).rejects.toThrow('does not answer (is it stopped?)');
  }, 15_000);

  it('gives way to a candidate with a lower name', async () => {
    await otherProcess(LOWEST, 'candidate');

    await expect(WriterLock.acquire(folder.path)).rejects.toThrow('another process starts to write there');
  });

  it('waits for a candidate with a higher name until it is gone', async () => {
    const other = await otherProcess(HIGHEST, 'candidate');
    let acquired = false;
    const acquiring = WriterLock.acquire(folder.path).then((lock) => {
      acquired = true;
      return lock;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(acquired).toBe(false);
    await end(other, 'SIGKILL');

    await (await acquiring).release();
  });

  it('lets exactly one of many in that start at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => WriterLock.acquire(folder.path)),
      );
      const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]?.release();
    }
    expect(await sockets()).toEqual([]);
  });

  it('starts again when another starter took it for dead before it listened', async () => {
    // What such a starter does, as fast as it can, until it has done it once.
    const script = `const { readdirSync, unlinkSync } = require('node:fs');
      console.log('looking');
      for (;;) for (const name of readdirSync('.')) {
        if (name.startsWith('starting-')) try { unlinkSync(name); process.exit(0); } catch {}
      }`;
    const remover = spawn(process.execPath, ['-e', script], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(remover);
    await once(remover.stdout, 'data');

    const removed = once(remover, 'exit');
    while (remover.exitCode === null) await (await WriterLock.acquire(folder.path)).release();
    expect(await removed).toEqual([0, null]);
    expect(await sockets()).toEqual([]);
  });

  it('works in a folder whose path is longer than the path of a socket may be', async () => {
    const deep = join(folder.path, 'd'.repeat(100), 'd'.repeat(100));
    const lock = await WriterLock.acquire(deep);

    await expect(WriterLock.acquire(deep)).rejects.toThrow('is taken');
    await lock.release();
  });

  it('can be released while somebody asks', async () => {
    const lock = await WriterLock.acquire(folder.path);
    const [name = ''] = await sockets();
    // Opens a connection and never reads the answer.
    const silent = connect({ path: join(folder.path, name), allowHalfOpen: true });
    silent.pause();
    await once(silent, 'connect');
    await lock.release();
    silent.destroy();
  });

  it('does not keep a process alive', async () => {
    const pipes = (): string[] =>
      process.getActiveResourcesInfo().filter((resource) => resource === 'PipeWrap');
    const before = pipes().length;
    const lock = await WriterLock.acquire(folder.path);

    // What keeps the event loop running: a socket that is waited for would be among them.
    expect(pipes()).toHaveLength(before);
    await lock.release();
  });

  it('says so when the folder cannot be made', async () => {
    await writeFile(join(folder.path, 'file'), '');
    const path = join(folder.path, 'file', 'logs');

    await expect(WriterLock.acquire(path)).rejects.toThrow(
      `The folder ${path} is missing and cannot be made (ENOTDIR): make it, or set DATA_DIR`,
    );
  });

  it('says so when the folder cannot be written', async () => {
    const path = join(folder.path, 'read-only');
    await mkdir(path);
    await chmod(path, 0o555);
    await chmod(folder.path, 0o755);
    // Nothing is refused to root: for a moment this process is nobody.
    const asRoot = process.geteuid?.() === 0;
    if (asRoot) process.seteuid?.(NOBODY);
    try {
      await expect(WriterLock.acquire(path)).rejects.toThrow(`The folder ${path} cannot be written (EACCES)`);
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  (process.platform === 'linux' ? it : it.skip)('says so when the folder cannot hold sockets', async () => {
    // The kernel's own tree takes neither sockets nor any other new file.
    await expect(WriterLock.acquire('/proc/self/task')).rejects.toThrow(
      /^The folder \/proc\/self\/task cannot /,
    );
  });
});
