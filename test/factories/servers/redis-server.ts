import { once } from 'node:events';
import { connect } from 'node:net';
import { findFreePort } from './find-free-port';
import { makeServerFolder, ServerProcess } from './server-process';

/** A Redis of the test's own on loopback. It keeps nothing on disk: after a restart it is empty. */
export class RedisServer {
  private constructor(
    private readonly server: ServerProcess,
    readonly port: number,
  ) {}

  /**
   * @param settings of Redis on top of ours, such as `['--maxmemory', '10mb']`
   * @throws {Error} when Redis is not installed or does not start
   */
  static async start(settings: readonly string[] = []): Promise<RedisServer> {
    const folder = await makeServerFolder('redis');
    const port = await findFreePort();
    const server = new ServerProcess(folder, {
      program: 'redis-server',
      debianPackage: 'redis-server',
      parameters: [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
        ...['--save', '', '--appendonly', 'no'],
        ...settings,
      ],
      deathSignal: 'SIGKILL',
      isReady: () => isReady(port),
    });
    try {
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return new RedisServer(server, port);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Stops it and forgets its data. */
  async stop(): Promise<void> {
    await this.server.stop('SIGTERM');
  }

  /** Starts it again on the same port, empty, and waits until it answers. */
  async start(): Promise<void> {
    await this.server.start();
  }

  /** `stop`, then `start`. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Freezes the process: connections stay open, and the kernel accepts new ones, but nothing answers. */
  pause(): void {
    this.server.signal('SIGSTOP');
  }

  /** Ends `pause`; what was sent meanwhile is answered. */
  resume(): void {
    this.server.signal('SIGCONT');
  }

  /** Kills it and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.server.remove();
  }
}

/** Asks without a client library, whose timers would outlive a refused connection. */
async function isReady(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    const answer = once(socket, 'data');
    socket.write('PING\r\n');
    return String((await answer)[0]) === '+PONG\r\n';
  } finally {
    socket.destroy();
  }
}
