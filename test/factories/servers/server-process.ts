import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** RabbitMQ needs several seconds on an idle machine; tests that run side by side may multiply that. */
const START_TIMEOUT_MS = 90_000;
/** A server that does not stop when told to is killed, so that a test cannot hang. */
const STOP_TIMEOUT_MS = 30_000;
const READINESS_INTERVAL_MS = 25;
/** How much of its log a server that does not start shows. */
const SHOWN_LOG_LINES = 20;

/** Who a server runs as, when it refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** How a server is run, and how one knows that it answers. */
export interface ServerCommand {
  readonly program: string;
  /** Debian's package, for who has not installed it. */
  readonly debianPackage: string;
  readonly parameters: readonly string[];
  /** On top of `PATH`; nothing else is inherited. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: ServerUser | undefined;
  /** What the kernel sends to the server when the test process dies, however it dies. */
  readonly deathSignal: 'SIGKILL' | 'SIGTERM' | 'SIGQUIT';
  /** Whether it answers by now; a rejection means no. */
  readonly isReady: () => Promise<boolean>;
}

/**
 * A folder of its own for a server, below the folder for temporary files.
 *
 * @param user whom it shall belong to; the caller's user when left out
 */
export async function makeServerFolder(name: string, user?: ServerUser): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `credit-scoring-${name}-`));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return folder;
}

/**
 * The program of a real server, started and stopped as often as a test likes, always by the same command.
 *
 * The kernel ends it with the test process (`setpriv --pdeathsig`, Linux only), also when that is killed. It never
 * keeps the test process from ending. All it writes is in `server.log` in its folder.
 */
export class ServerProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly folder: string,
    private readonly command: ServerCommand,
  ) {}

  /** Where the server's output goes. */
  get logFile(): string {
    return join(this.folder, 'server.log');
  }

  /**
   * Starts the server and waits until it answers. Does nothing when it runs.
   *
   * @throws {Error} with the last lines of its log when it ends or does not answer within 90 seconds
   */
  async start(): Promise<void> {
    if (this.isRunning()) return;
    const child = await this.spawn();
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.command.isReady().catch(() => false))) {
      if (!this.isRunning() || Date.now() > deadline) {
        await this.stop('SIGKILL');
        throw new Error(
          `${this.command.program} did not start. Is it installed (apt-get install ${this.command.debianPackage})? ` +
            `Its log ends with:\n${await this.lastLogLines()}`,
        );
      }
      await sleep(READINESS_INTERVAL_MS);
    }
    // From here on a test that forgets the server can end, and takes the server with it.
    child.unref();
  }

  /** Sends a signal and waits until the server has ended; it is killed after 30 seconds. Does nothing when it is stopped. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.ref();
    const ended = once(child, 'exit');
    child.kill(signal);
    // A paused process receives other signals only once it goes on.
    child.kill('SIGCONT');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(impatience);
  }

  /**
   * Sends a signal and does not wait.
   *
   * @throws {Error} when the server does not run
   */
  signal(signal: NodeJS.Signals): void {
    if (this.child?.kill(signal) !== true) throw new Error(`${this.command.program} does not run`);
  }

  /** Kills the server when it runs, and deletes its folder. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    // Children of the server may still be ending, and writing, when it has ended.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  private isRunning(): boolean {
    return this.child !== undefined;
  }

  private async spawn(): Promise<ChildProcess> {
    const { program, parameters, environment, user, deathSignal } = this.command;
    const asUser = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
    const log = await open(this.logFile, 'a');
    try {
      const child = spawn(
        'setpriv',
        [...asUser, `--pdeathsig=${deathSignal.slice('SIG'.length)}`, '--', program, ...parameters],
        {
          cwd: this.folder,
          env: { PATH: process.env['PATH'], ...environment },
          stdio: ['ignore', log.fd, log.fd],
        },
      );
      // Listened for at once: a program that is missing ends before its log is closed here.
      this.child = child;
      child.once('exit', () => {
        this.child = undefined;
      });
      await once(child, 'spawn');
      return child;
    } catch (error) {
      this.child = undefined;
      throw error;
    } finally {
      await log.close();
    }
  }

  private async lastLogLines(): Promise<string> {
    const lines = (await readFile(this.logFile, 'utf8')).trimEnd().split('\n');
    return lines.slice(-SHOWN_LOG_LINES).join('\n');
  }
}
