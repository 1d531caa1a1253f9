import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KeysFile } from '../../src/auth/keys/keys-file';
import { type ApiKeyWishes } from '../../src/auth/keys/make-api-key';
import { findFreePort } from '../factories/servers/find-free-port';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { RedisServer } from '../factories/servers/redis-server';
import { readCompose, readImageEnvironment } from './compose-file';
import { Instance } from './instance';
import { NginxInFront } from './nginx-in-front';

/** Undoes a step of the start. */
type CleanUp = () => Promise<void>;

/** Where the servers are, by the setting that says so. */
type ServerAddresses = Readonly<Record<'DATABASE_URL' | 'REDIS_URL' | 'RABBITMQ_URL', string>>;

/** What is there once before any instance runs, such as records of the past. */
export type Preparation = (databaseUrl: string) => Promise<void>;

/**
 * What compose.yaml starts with deploy/scale.env, on this machine: three instances and a worker with their settings, nginx
 * with its configuration, PostgreSQL, Redis and RabbitMQ. Only addresses are changed.
 */
export class Cluster {
  private constructor(
    readonly instances: readonly [Instance, Instance, Instance],
    readonly nginx: NginxInFront,
    readonly databaseUrl: string,
    private readonly keys: KeysFile,
    private readonly cleanUps: readonly CleanUp[],
  ) {}

  /** @param settings on top of those of compose.yaml */
  static async start(
    settings: Readonly<Record<string, string>>,
    prepare: Preparation = () => Promise.resolve(),
  ): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'credit-scoring-cluster-'));
    const cleanUps: CleanUp[] = [() => rm(folder, { recursive: true, force: true })];
    try {
      const servers = await startServers(cleanUps);
      await prepare(servers.DATABASE_URL);
      const keys = new KeysFile(join(folder, 'logs', 'access', 'keys.json'));
      // Before the first start, as deploy/scale.env says.
      await keys.create({ name: 'operator', tenant: '*', scopes: ['admin'] }, Date.now());
      const place = async (name: string): Promise<Instance> => {
        const own = await placeSettings(name, folder, servers);
        const instance = new Instance(await findFreePort(), { ...own, ...settings });
        cleanUps.unshift(() => instance.kill());
        return instance;
      };
      const instances = [await place('api-1'), await place('api-2'), await place('api-3')] as const;
      const worker = await place('worker');
      // At once: they migrate the database and make their folders side by side.
      await Promise.all([...instances, worker].map((instance) => instance.start()));
      const nginx = await NginxInFront.start(instances.map(({ port }) => port));
      cleanUps.unshift(() => nginx.remove());
      return new Cluster(instances, nginx, servers.DATABASE_URL, keys, cleanUps);
    } catch (error) {
      for (const cleanUp of cleanUps) await cleanUp();
      throw error;
    }
  }

  /** A key that counts on every instance. */
  async key(wishes: Partial<ApiKeyWishes> = {}): Promise<string> {
    const { text } = await this.keys.create(
      { name: 'tester', tenant: 'default', scopes: ['predict', 'records', 'monitor'], ...wishes },
      Date.now(),
    );
    for (const { port } of this.instances) {
      const ask = (): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}/predictions`, { headers: { 'X-API-Key': text } });
      while ((await ask()).status === 401) await delay(50);
    }
    return text;
  }

  /** Stops everything, and leaves nothing behind. */
  async remove(): Promise<void> {
    for (const cleanUp of this.cleanUps) await cleanUp();
  }
}

/** PostgreSQL, Redis and RabbitMQ: where they are. */
async function startServers(cleanUps: CleanUp[]): Promise<ServerAddresses> {
  const start = async <Server extends { remove(): Promise<void> }>(
    starting: Promise<Server>,
  ): Promise<Server> => {
    const server = await starting;
    cleanUps.unshift(() => server.remove());
    return server;
  };
  const [postgres, redis, rabbitmq] = await Promise.all([
    start(PostgresServer.start()),
    start(RedisServer.start()),
    start(RabbitmqServer.start()),
  ]);
  return {
    DATABASE_URL: await postgres.createDatabase(),
    REDIS_URL: redis.url,
    RABBITMQ_URL: rabbitmq.url,
  };
}

/** The settings of a service in compose.yaml, with addresses and folders of this machine. */
async function placeSettings(
  name: string,
  folder: string,
  servers: ServerAddresses,
): Promise<Record<string, string>> {
  const secrets = {
    ...servers,
    SESSION_SECRET: 'a secret that only this test knows..',
    CALLBACK_SECRET: 'another one of this test',
  };
  const files: Record<string, string> = {};
  for (const [key, value] of Object.entries(secrets)) {
    const file = join(folder, key.toLowerCase());
    await writeFile(file, value);
    files[`${key}_FILE`] = file;
  }
  return {
    ...readImageEnvironment(),
    ...readCompose('deploy/scale.env').services[name]?.environment,
    ...files,
    HOST: '127.0.0.1',
    TRUST_PROXY: '127.0.0.1',
    DATA_DIR: folder,
  };
}
