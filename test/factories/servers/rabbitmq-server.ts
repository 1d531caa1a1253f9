import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { findFreePort } from './find-free-port';
import { makeServerFolder, ServerProcess } from './server-process';

/** Debian's `/usr/sbin/rabbitmq-server` changes to the user and the folders of the machine's own node; this does not. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
/** What an operator works with. */
const CONTROL_PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmqctl';

const run = promisify(execFile);

/**
 * A RabbitMQ node of the test's own on loopback, without plugins; what is durable outlives a restart.
 *
 * Erlang's port mapper (`epmd`) is shared by all nodes of a machine: one that is missing is started, and stays.
 */
export class RabbitmqServer {
  private constructor(
    private readonly server: ServerProcess,
    readonly port: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * Starts a node: 6 to 9 seconds on two processors, and again as long at each restart.
   *
   * @throws {Error} when RabbitMQ is not installed or does not start
   */
  static async start(): Promise<RabbitmqServer> {
    const folder = await makeServerFolder('rabbitmq');
    const port = await findFreePort();
    const distributionPort = await findFreePort();
    const environment = {
      // Makes the script become the node, so that signals reach it.
      detached: 'true',
      HOME: join(folder, 'home'),
      RABBITMQ_NODENAME: `test-${randomUUID()}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'logs'),
      // Standard output.
      RABBITMQ_LOGS: '-',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
      RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_PID_FILE: join(folder, 'rabbitmq.pid'),
      // The node of a test shares its processors with everything that talks to it.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none',
    };
    const server = new ServerProcess(folder, {
      program: PROGRAM,
      debianPackage: 'rabbitmq-server',
      parameters: [],
      environment,
      deathSignal: 'SIGKILL',
      isReady: () => isReady(port),
    });
    try {
      await mkdir(join(folder, 'home'));
      await writeFile(join(folder, 'home', '.erlang.cookie'), randomUUID(), { mode: 0o400 });
      await writeFile(join(folder, 'rabbitmq-env.conf'), '');
      await writeFile(join(folder, 'advanced.config'), '[].');
      await writeFile(join(folder, 'enabled_plugins'), '[].');
      await writeFile(
        join(folder, 'rabbitmq.conf'),
        [`listeners.tcp.1 = 127.0.0.1:${port}`, 'loopback_users = none', ''].join('\n'),
      );
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return new RabbitmqServer(server, port, environment);
  }

  /** As RabbitMQ's administrator `guest`. */
  get url(): string {
    return brokerUrl(this.port);
  }

  /** Stops it in good order, durable queues and their persistent messages kept. */
  async stop(): Promise<void> {
    await this.server.stop('SIGTERM');
  }

  /** Ends it without warning; what was confirmed is kept. */
  async kill(): Promise<void> {
    await this.server.stop('SIGKILL');
  }

  /** Starts it again on the same port with the same data, and waits until it answers. */
  async start(): Promise<void> {
    await this.server.start();
  }

  /** `stop`, then `start`. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** As when it runs short of memory: a connection is no longer read once it publishes, until `endAlarm` or a restart. */
  async raiseAlarm(): Promise<void> {
    await this.control('set_vm_memory_high_watermark', 'absolute', '1MB');
  }

  /** There is memory again. */
  async endAlarm(): Promise<void> {
    await this.control('set_vm_memory_high_watermark', '0.6');
  }

  /** Kills it and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.server.remove();
  }

  private async control(...command: readonly string[]): Promise<void> {
    await run(CONTROL_PROGRAM, command, { env: { PATH: process.env['PATH'], ...this.environment } });
  }
}

function brokerUrl(port: number): string {
  return `amqp://guest:guest@127.0.0.1:${port}`;
}

async function isReady(port: number): Promise<boolean> {
  const connection = await connect(brokerUrl(port));
  await connection.close();
  return true;
}
