import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findFreePort } from './find-free-port';
import { makeServerFolder, ServerProcess, type ServerUser } from './server-process';

/** Where Debian puts the programs of each version. */
const INSTALLATIONS = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root. */
const UNPRIVILEGED_USER = 'postgres';

/** How PostgreSQL is stopped: `fast` ends its sessions and writes a checkpoint, `immediate` is a crash. */
export type PostgresStopMode = 'fast' | 'immediate';

/** A PostgreSQL cluster of the test's own on loopback, with `fsync` on and without passwords. */
export class PostgresServer {
  private databases = 0;

  private constructor(
    private readonly server: ServerProcess,
    readonly port: number,
  ) {}

  /**
   * Makes a cluster and starts it: about 2 seconds.
   *
   * @throws {Error} when PostgreSQL is not installed or does not start
   */
  static async start(): Promise<PostgresServer> {
    const programs = await findPrograms();
    const user = process.getuid?.() === 0 ? await findUser(UNPRIVILEGED_USER) : undefined;
    const folder = await makeServerFolder('postgres', user);
    const data = join(folder, 'data');
    const port = await findFreePort();
    const server = new ServerProcess(folder, {
      program: join(programs, 'postgres'),
      debianPackage: 'postgresql',
      parameters: [
        ...['-D', data, '-p', String(port)],
        ...Object.entries({
          listen_addresses: '127.0.0.1',
          unix_socket_directories: '',
          fsync: 'on',
          // Nothing replicates this cluster.
          wal_level: 'minimal',
          max_wal_senders: '0',
          max_connections: '100',
        }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      user,
      deathSignal: 'SIGQUIT',
      isReady: () => isReady(port),
    });
    try {
      // Only what the test writes has to outlive a crash, and that is synchronised.
      const options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'];
      await promisify(execFile)(join(programs, 'initdb'), ['-D', data, ...options], { cwd: folder, ...user });
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return new PostgresServer(server, port);
  }

  /** Of the maintenance database `postgres`, as superuser. */
  get url(): string {
    return databaseUrl(this.port, 'postgres');
  }

  /** Makes an empty database (some tenths of a second) and gives its URL. */
  async createDatabase(): Promise<string> {
    const name = `test_${++this.databases}`;
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    return databaseUrl(this.port, name);
  }

  /** Stops it, data kept. */
  async stop(mode: PostgresStopMode = 'fast'): Promise<void> {
    await this.server.stop(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  }

  /** Starts it again on the same port with the same data, and waits until it answers. */
  async start(): Promise<void> {
    await this.server.start();
  }

  /** `stop`, then `start`. */
  async restart(mode?: PostgresStopMode): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  /** Kills it and leaves nothing behind. */
  async remove(): Promise<void> {
    // A killed cluster leaves shared memory behind until the next start; one that quits does not.
    await this.stop('immediate');
    await this.server.remove();
  }
}

function databaseUrl(port: number, name: string): string {
  return `postgresql://postgres@127.0.0.1:${port}/${name}`;
}

async function isReady(port: number): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl(port, 'postgres') });
  // A server that is just starting closes connections; the rejection of `connect` says enough.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end();
  }
}

/** The programs of the newest version. */
async function findPrograms(): Promise<string> {
  const versions = await readdir(INSTALLATIONS).catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) {
    throw new Error(`No PostgreSQL in ${INSTALLATIONS}. Install it: apt-get install postgresql`);
  }
  return join(INSTALLATIONS, newest, 'bin');
}

async function findUser(name: string): Promise<ServerUser> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(`No user ${name} in /etc/passwd. Install PostgreSQL: apt-get install postgresql`);
  }
  return { uid: Number(uid), gid: Number(gid) };
}
