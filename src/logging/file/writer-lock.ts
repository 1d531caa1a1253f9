import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../common/error-code';
import { LogFolderError, LogFolderTakenError } from './log-folder-error';

/** A socket that listens: whoever owns it lives. */
const LISTENING_PATTERN = /^writer-[0-9a-f]{16}\.sock$/;

/** A socket whose owner may not listen yet; it is renamed as soon as it does. */
const STARTING_PATTERN = /^starting-[0-9a-f]{16}\.sock$/;

/** A process answers within milliseconds, a stopped one never: it is alive all the same. */
const ANSWER_TIMEOUT_MILLISECONDS = 3000;

/** How often a candidate that comes first asks one that came at the same time and has to give way. */
const ASK_AGAIN_MILLISECONDS = 10;

/** Each is lost only to another starter that looks just between its binding and its listening: five in a row never. */
const MOST_STARTS = 5;

/** Longest path of a socket: `sun_path` has 104 bytes on macOS and 108 on Linux, with a final zero. */
const LONGEST_SOCKET_PATH = 103;

type Role = 'candidate' | 'holder';
type Answer = Role | 'silent' | 'gone';

/**
 * One writer for a folder, also among containers of one host that share it.
 *
 * Each starter listens on a Unix domain socket of its own in the folder and asks all others. The
 * kernel answers for the dead (connection refused), so a killed holder blocks nobody, without
 * heartbeat or timeout. Among starters of the same moment the lowest name wins: both listen before
 * they look, so at least one sees the other.
 *
 * Hosts that share a folder over a network do not see each other's sockets: give each its own folder.
 */
export class WriterLock {
  private role: Role = 'candidate';
  private readonly connections = new Set<Socket>();
  private readonly server: Server;

  private constructor(
    private readonly folder: string,
    private readonly what: string,
    /** Held open: socket paths go through it. */
    private readonly handle: FileHandle,
    private readonly name: string,
  ) {
    this.server = createServer((socket) => {
      this.connections.add(socket);
      socket.unref();
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.connections.delete(socket));
      socket.end(this.role);
    });
    this.server.unref();
  }

  /**
   * Makes the folder if needed and becomes its only writer.
   *
   * @param what how errors call what is kept there
   * @throws {LogFolderTakenError} another process writes there
   * @throws {LogFolderError} the folder cannot be used
   */
  static async acquire(folder: string, what = 'The prediction log'): Promise<WriterLock> {
    await makeFolder(folder);
    for (let start = 1; ; start += 1) {
      const handle = await open(folder, 'r');
      const lock = new WriterLock(folder, what, handle, randomBytes(8).toString('hex'));
      try {
        await lock.listen();
        await lock.compete();
        lock.role = 'holder';
        return lock;
      } catch (error) {
        await lock.release();
        if (start === MOST_STARTS || !wasTakenForDead(error)) throw error;
      }
    }
  }

  /** Lets the folder go. */
  async release(): Promise<void> {
    await rm(join(this.folder, this.listeningName), { force: true });
    const closed = new Promise<void>((resolve) => {
      // Its only error is that it did not listen.
      this.server.close(() => {
        resolve();
      });
    });
    for (const connection of this.connections) connection.destroy();
    await closed;
    await this.handle.close();
  }

  private get listeningName(): string {
    return `writer-${this.name}.sock`;
  }

  /**
   * Binding and listening are two steps, and between them a socket looks as if its owner were dead.
   * So it takes its real name only when it listens.
   */
  private async listen(): Promise<void> {
    const startingName = `starting-${this.name}.sock`;
    const path = this.socketPath(startingName);
    try {
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject);
        // Any user may ask whether the writer lives; the folder's own permissions still hold.
        this.server.listen({ path, exclusive: true, readableAll: true, writableAll: true }, resolve);
      });
      await rename(join(this.folder, startingName), join(this.folder, this.listeningName));
    } catch (error) {
      if (NOT_WRITABLE.has(errorCode(error))) throw notWritable(this.folder, error);
      throw new LogFolderError(
        `The folder ${this.folder} cannot hold a Unix domain socket (${errorCode(error)}), which keeps a second ` +
          'writer out: put the log on a local volume of this host that allows them',
        { cause: error },
      );
    }
  }

  /** Returns when no other process is the writer or can become it. */
  private async compete(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (STARTING_PATTERN.test(name)) await this.ask(name);
      if (!LISTENING_PATTERN.test(name) || name === this.listeningName) continue;
      for (let answer = await this.ask(name); answer !== 'gone'; answer = await this.ask(name)) {
        if (answer !== 'candidate' || name < this.listeningName) throw this.refusal(answer);
        await delay(ASK_AGAIN_MILLISECONDS);
      }
    }
  }

  /** Asks a socket's owner for its role; removes the socket of a dead one (names are never used twice). */
  private async ask(name: string): Promise<Answer> {
    const answer = await askSocket(this.socketPath(name));
    if (answer !== 'refused') return answer;
    await rm(join(this.folder, name), { force: true });
    return 'gone';
  }

  /** On Linux through the open folder, as a socket's path may not be long. */
  private socketPath(name: string): string {
    if (process.platform === 'linux') return `/proc/self/fd/${String(this.handle.fd)}/${name}`;
    const path = join(this.folder, name);
    if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
      throw new LogFolderError(
        `The path of ${this.folder} is too long for a socket in it: choose a folder with a shorter path`,
      );
    }
    return path;
  }

  private refusal(answer: Answer): LogFolderError {
    const who = {
      candidate: 'another process starts to write there at this moment',
      holder: 'another process writes there',
      silent: 'another process holds it and does not answer (is it stopped?)',
      gone: 'another process wrote there',
    }[answer];
    return new LogFolderTakenError(
      `${this.what} in ${this.folder} is taken: ${who}. Stop that process, or give this one a DATA_DIR of its own`,
    );
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new LogFolderError(
      `The folder ${folder} is missing and cannot be made (${errorCode(error)}): ` +
        'make it, or set DATA_DIR to a folder that the service may write',
      { cause: error },
    );
  }
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

function notWritable(folder: string, cause: unknown): LogFolderError {
  return new LogFolderError(
    `The folder ${folder} cannot be written (${errorCode(cause)}): ` +
      "give the service's user the right to, or set DATA_DIR to another folder",
    { cause },
  );
}

/** Whether another starter removed the socket before it listened: nobody saw this one, so it may start again. */
function wasTakenForDead(error: unknown): boolean {
  return error instanceof LogFolderError && errorCode(error.cause) === 'ENOENT';
}

/** Codes that speak of the folder, not of sockets. */
const NOT_WRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EROFS']);

/** Asks over a socket; `refused` means that nobody listens and nobody will. */
function askSocket(path: string): Promise<Answer | 'refused'> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    const finish = (answer: Answer | 'refused'): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.setTimeout(ANSWER_TIMEOUT_MILLISECONDS, () => {
      finish('silent');
    });
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      text += part;
    });
    socket.on('error', (error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED') finish('refused');
      else if (code === 'ENOENT') finish('gone');
      // Reset while asking: asked again it will be refused. Anything else is no proof of death.
      else finish(code === 'ECONNRESET' || code === 'EPIPE' ? 'candidate' : 'silent');
    });
    socket.on('close', () => {
      // An end without an answer: it is closing, and the next question will find it gone.
      finish(text === 'holder' || text === 'candidate' ? text : 'candidate');
    });
  });
}
