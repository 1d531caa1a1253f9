import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../factories/servers/find-free-port';
import { PostgresServer } from '../factories/servers/postgres-server';
import { RabbitmqServer } from '../factories/servers/rabbitmq-server';
import { Instance } from './instance';

it('leads from the first line of a worker to an address that it has, and names what it uses', async () => {
  const [postgres, broker, dataFolder] = await Promise.all([
    PostgresServer.start(),
    RabbitmqServer.start(),
    mkdtemp(join(tmpdir(), 'start-line-')),
  ]);
  const worker = new Instance(await findFreePort(), {
    ROLES: 'worker',
    STORAGE: 'postgres',
    DATABASE_URL: await postgres.createDatabase(),
    QUEUE: 'rabbitmq',
    RABBITMQ_URL: broker.url,
    DATA_DIR: dataFolder,
    LOG_LEVEL: 'info',
  });
  try {
    await worker.start();
    const line = JSON.parse(worker.printed.find((text) => text.includes('ready: ')) ?? '{}') as object;
    expect(line).toMatchObject({
      msg: `ready: http://127.0.0.1:${worker.port}/health`,
      storage: 'postgres',
      cache: 'memory',
      queue: 'rabbitmq',
    });
    // Settings of files frighten who keeps nothing in them.
    expect(line).not.toHaveProperty('log');
    expect((await fetch(`http://127.0.0.1:${worker.port}/health`)).status).toBe(200);
  } finally {
    await worker.stop();
    await Promise.all([postgres.remove(), broker.remove(), rm(dataFolder, { recursive: true, force: true })]);
  }
});
