import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** An answer of the service, or undefined when the connection broke before it was complete. */
export type Answer =
  { readonly status: number; readonly body: string; readonly retryAfter?: string } | undefined;

/** A body that is accepted: the examples of the manifest. */
export function exampleBody(): string {
  const model = JSON.parse(readFileSync(join(ROOT, 'models/credit-default/1.0.0/model.json'), 'utf8')) as {
    inputs: { name: string; example: unknown }[];
  };
  return JSON.stringify(Object.fromEntries(model.inputs.map((input) => [input.name, input.example])));
}

/** A port nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  return address.port;
}

/** The service in a process of its own, to be killed, starved and traced. */
export class ServiceProcess {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly port: number,
  ) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** @param wrapper a command that starts the service, such as strace with its options */
  static start(
    port: number,
    settings: Readonly<Record<string, string>>,
    wrapper: readonly string[] = [],
  ): ServiceProcess {
    const [command, ...rest] = [...wrapper, process.execPath, join(ROOT, 'dist/main.js')];
    const child = spawn(command, rest, {
      cwd: ROOT,
      env: { ...process.env, LOG_LEVEL: 'warn', PORT: String(port), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(child, port);
  }

  /** Waits until `/health/ready` answers 200. */
  async ready(): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
      if (this.child.exitCode !== null)
        throw new Error(`The service ended with ${this.child.exitCode}: ${this.output}`);
      if ((await this.send('GET', '/health/ready'))?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`The service did not become ready: ${this.output}`);
  }

  /** What it wrote to its standard streams so far. */
  get printed(): string {
    return this.output;
  }

  /** One request on a kept-alive connection; never rejects. */
  send(method: 'GET' | 'POST', path: string, body = ''): Promise<Answer> {
    return new Promise((resolve) => {
      const call = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          agent: this.agent,
          headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => {
            const retryAfter = response.headers['retry-after'];
            resolve({
              status: response.statusCode ?? 0,
              body: text,
              ...(retryAfter !== undefined && { retryAfter }),
            });
          });
          response.on('error', () => {
            resolve(undefined);
          });
        },
      );
      call.on('error', () => {
        resolve(undefined);
      });
      call.end(body);
    });
  }

  /** Ends it at once, as a power cut of this process alone would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    this.agent.destroy();
    return this.child.exitCode;
  }
}
