import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeServerFolder, ServerProcess } from './server-process';

/** Directives of the outermost level that say where and as whom nginx runs: a test decides that. */
const PLACE_DIRECTIVES = /^(?:user|pid|daemon|error_log)\s[^;]*;/gm;
/** Debian's nginx would keep these in `/var`. */
const HTTP_FILES = [
  'access_log access.log;',
  ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`),
].join(' ');
/** What nginx logs for each worker that serves the configuration it was started with. */
const WORKER_STARTS = /start worker process /g;
/** What nginx logs for each worker that takes no new connections any more. */
const WORKER_RETIRES = /gracefully shutting down/g;
/** What nginx logs when it cannot. */
const REFUSED = /\[emerg\]/g;
const RELOAD_TIMEOUT_MS = 10_000;
const RELOAD_INTERVAL_MS = 10;

/** An nginx of the test's own: relative paths of its configuration, and all it writes, are in a folder of its own. */
export class NginxServer {
  private constructor(
    private readonly server: ServerProcess,
    private readonly folder: string,
  ) {}

  /**
   * @param configuration a whole `nginx.conf` with one `http` block. `user`, `pid`, `daemon` and `error_log` of the
   *   outermost level are ignored; logs and temporary files go to the test's folder
   * @throws {Error} when nginx is not installed or refuses the configuration, with what it said
   */
  static async start(configuration: string): Promise<NginxServer> {
    const folder = await makeServerFolder('nginx');
    // Workers of a root's nginx run as nobody otherwise, who may not enter the folder.
    const asRoot = process.getuid?.() === 0 ? 'user root;' : '';
    const server: ServerProcess = new ServerProcess(folder, {
      program: 'nginx',
      debianPackage: 'nginx',
      parameters: [
        ...['-p', folder, '-c', configurationFile(folder), '-e', 'stderr'],
        ...['-g', `daemon off; pid nginx.pid; error_log stderr notice; ${asRoot}`],
      ],
      // Workers outlive a master that is killed.
      deathSignal: 'SIGTERM',
      isReady: async () => count(WORKER_STARTS, await readFile(server.logFile, 'utf8')) > 0,
    });
    try {
      await writeConfiguration(folder, configuration);
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return new NginxServer(server, folder);
  }

  /**
   * Changes the configuration while requests go on, and waits until it is in force.
   *
   * @param configuration as at the start; the same again when left out
   * @throws {Error} when nginx refuses it; the former one stays in force
   */
  async reload(configuration?: string): Promise<void> {
    if (configuration !== undefined) await writeConfiguration(this.folder, configuration);
    const before = await readFile(this.server.logFile, 'utf8');
    const workers = count(WORKER_STARTS, before) - count(WORKER_RETIRES, before);
    this.server.signal('SIGHUP');
    const deadline = Date.now() + RELOAD_TIMEOUT_MS;
    for (;;) {
      await sleep(RELOAD_INTERVAL_MS);
      const said = (await readFile(this.server.logFile, 'utf8')).slice(before.length);
      if (count(WORKER_STARTS, said) > 0 && count(WORKER_RETIRES, said) >= workers) break;
      if (count(REFUSED, said) > 0 || Date.now() > deadline) {
        throw new Error(`nginx did not reload its configuration:\n${said}`);
      }
    }
    // A worker stops listening right after it has said so.
    await sleep(RELOAD_INTERVAL_MS);
  }

  /** What nginx logged about requests, a line each. */
  async accessLog(): Promise<string> {
    return readFile(join(this.folder, 'access.log'), 'utf8');
  }

  /** Stops at once; requests in flight are reset. */
  async stop(): Promise<void> {
    await this.server.stop('SIGTERM');
  }

  /** Stops and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.stop();
    await this.server.remove();
  }
}

function count(pattern: RegExp, text: string): number {
  return text.match(pattern)?.length ?? 0;
}

function configurationFile(folder: string): string {
  return join(folder, 'nginx.conf');
}

async function writeConfiguration(folder: string, configuration: string): Promise<void> {
  const placed = configuration
    .replaceAll(PLACE_DIRECTIVES, '')
    .replace(/^http\s*\{/m, (opening) => `${opening} ${HTTP_FILES}`);
  await writeFile(configurationFile(folder), placed);
}
