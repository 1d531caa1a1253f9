import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type LoadMessage, type LoadOrder, type LoadResult } from './load';

/** Longer than any start takes, also of Python with all its packages on a busy machine. */
const START_TIMEOUT_MS = 60_000;
/** A graceful stop takes a fraction of a second. */
const STOP_TIMEOUT_MS = 10_000;
/** Between two questions whether a server answers: start times are measured to this. */
const ASK_INTERVAL_MS = 5;
/** `utime` and `stime` in /proc are counted in hundredths of a second. */
const MICROSECONDS_A_TICK = 10_000;
const BYTES_A_MEGABYTE = 1_000_000;

const children = new Set<ChildProcess>();
const folders: string[] = [];
// However this process ends, nothing keeps running and nothing stays behind.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** A folder that lasts as long as this process. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'credit-scoring-bench-'));
  folders.push(folder);
  return folder;
}

/** Whether servers and load generator can have a processor each. */
export const CAN_PIN = availableParallelism() > 1 && spawnSync('taskset', ['-c', '1', 'true']).status === 0;

/** Which processor a process may use: one is for servers, the other for the load. */
export type Processor = 'server' | 'load' | 'any';

/** A command with its settings. */
export interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

function start(command: Command, processor: Processor, withMessages = false): ChildProcess {
  const { program, parameters, environment = {} } = command;
  const pinned = CAN_PIN && processor !== 'any';
  const child = spawn(
    pinned ? 'taskset' : program,
    pinned ? ['-c', processor === 'server' ? '0' : '1', program, ...parameters] : [...parameters],
    {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit', ...(withMessages ? (['ipc'] as const) : [])],
    },
  );
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** A server under measurement. */
export class ServerProcess {
  /** Processor time of the start, of all threads, milliseconds; undefined where the system has no /proc. */
  readonly startProcessorMs: number | undefined;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** From the spawn to the first good answer, milliseconds. */
    readonly startMs: number,
  ) {
    const microseconds = this.processorTime();
    this.startProcessorMs = microseconds === undefined ? undefined : microseconds / 1000;
  }

  /**
   * Starts a server and waits until it answers 2xx.
   *
   * @param commandFor the command that makes it listen on a port of 127.0.0.1
   * @param readyPath where it says that it is ready
   */
  static async start(
    commandFor: (port: number) => Command,
    readyPath: string,
    processor: Processor = 'server',
  ): Promise<ServerProcess> {
    const port = await freePort();
    const command = commandFor(port);
    const spawned = performance.now();
    const child = start(command, processor);
    while (!(await answers(port, readyPath))) {
      if (child.exitCode !== null || performance.now() - spawned > START_TIMEOUT_MS) {
        child.kill('SIGKILL');
        throw new Error(`${command.program} ${command.parameters.join(' ')} did not start: see above`);
      }
      await delay(ASK_INTERVAL_MS);
    }
    return new ServerProcess(child, port, performance.now() - spawned);
  }

  /** Processor time so far, of all threads, microseconds; undefined where the system has no /proc. */
  processorTime(): number | undefined {
    const file = `/proc/${this.child.pid ?? ''}/stat`;
    if (!existsSync(file)) return undefined;
    // The second field is the program's name in brackets, which may hold spaces.
    const fields = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_A_TICK;
  }

  /** Resident set, megabytes. */
  residentMegabytes(): number {
    const kibibytes = execFileSync('ps', ['-o', 'rss=', '-p', String(this.child.pid)], { encoding: 'utf8' });
    return (Number(kibibytes) * 1024) / BYTES_A_MEGABYTE;
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<void> {
    await stopChild(this.child);
  }
}

/** The load generator, a process of its own that is used for all measurements. */
export class LoadGenerator {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<LoadGenerator> {
    const script = require.resolve('./load-generator');
    const child = start({ program: process.execPath, parameters: [script] }, 'load', true);
    const generator = new LoadGenerator(child);
    await generator.nextMessage();
    return generator;
  }

  /** @throws {Error} when a connection broke */
  async drive(order: LoadOrder): Promise<LoadResult> {
    const answer = this.nextMessage();
    this.child.send(order);
    const message = await answer;
    if (!('result' in message)) throw new Error('error' in message ? message.error : 'no result');
    return message.result;
  }

  async stop(): Promise<void> {
    await stopChild(this.child);
  }

  private async nextMessage(): Promise<LoadMessage> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const ended = once(this.child, 'exit', { signal }).then((): LoadMessage[] => [
      { error: 'The load generator ended: see above' },
    ]);
    ended.catch(() => undefined);
    const [message] = (await Promise.race([once(this.child, 'message', { signal }), ended])) as [LoadMessage];
    waiting.abort();
    return message;
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode !== undefined && response.statusCode < 300);
    });
    request.on('error', () => {
      resolve(false);
    });
  });
}
