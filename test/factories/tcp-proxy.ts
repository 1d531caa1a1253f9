import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './servers/find-free-port';

/** Bytes of one direction that may wait inside the proxy before its sender is held up, as by a kernel's buffers. */
const MOST_WAITING_BYTES = 256 * 1024;

/** A network between two programs on loopback whose faults a test commands. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private delayMs = 0;
  /** Resolved unless the network is frozen. */
  private thawed: Promise<void> = Promise.resolve();
  private thaw: (() => void) | undefined;

  private constructor(
    /** Where clients connect, on 127.0.0.1. */
    readonly port: number,
    private targetPort: number,
  ) {}

  /** @param targetPort of the server on 127.0.0.1 that connections are passed on to */
  static async to(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(await findFreePort(), targetPort);
    await proxy.listen();
    return proxy;
  }

  /** Lets every chunk arrive that many milliseconds late, in both directions: a round trip takes twice as long. */
  delay(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  /** Leads new connections to another server; those there are stay where they are, as after a fail-over. */
  lead(targetPort: number): void {
    this.targetPort = targetPort;
  }

  /** Passes nothing any more, neither bytes nor ends. Connections stay open and new ones are accepted. */
  freeze(): void {
    if (this.thaw !== undefined) return;
    this.thawed = new Promise((resolve) => {
      this.thaw = resolve;
    });
  }

  /** Resets all connections and refuses new ones. What was on its way is lost. */
  async cut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = server && once(server, 'close');
    server?.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Back to normal: no delay, new connections are accepted, and what a frozen network held is passed on. */
  async heal(): Promise<void> {
    this.delayMs = 0;
    this.thaw?.();
    this.thaw = undefined;
    if (this.server === undefined) await this.listen();
  }

  /** Resets all connections and ends. */
  async close(): Promise<void> {
    await this.cut();
    this.thaw?.();
  }

  private async listen(): Promise<void> {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const target = connect({
        port: this.targetPort,
        host: '127.0.0.1',
        allowHalfOpen: true,
        noDelay: true,
      });
      this.carry(client, target);
      this.carry(target, client);
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Passes on in one direction, in order: bytes, then the end or the reset. */
  private carry(from: Socket, to: Socket): void {
    let waitingBytes = 0;
    let last: Promise<void> = Promise.resolve();
    const passOn = (act: () => void): void => {
      const due = performance.now() + this.delayMs;
      last = last.then(async () => {
        const rest = due - performance.now();
        if (rest > 0) await sleep(rest);
        await this.thawed;
        act();
      });
    };
    this.sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      waitingBytes += chunk.length;
      if (waitingBytes > MOST_WAITING_BYTES) from.pause();
      passOn(() => {
        waitingBytes -= chunk.length;
        if (!to.writable) return;
        if (to.write(chunk)) from.resume();
        else to.once('drain', () => from.resume());
      });
    });
    from.on('end', () => {
      passOn(() => to.end());
    });
    // `close` follows, and says that there was one.
    from.on('error', () => undefined);
    from.on('close', (hadError) => {
      this.sockets.delete(from);
      if (hadError) passOn(() => to.resetAndDestroy());
    });
  }
}
