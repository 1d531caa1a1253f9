import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../factories/servers/find-free-port';
import { PostgresServer } from '../factories/servers/postgres-server';
import { readCompose, readImageEnvironment } from './compose-file';
import { type FirstKeys, takeFirstSteps } from './first-steps';
import { Instance } from './instance';

let folder: string;
let database: PostgresServer;
let keys: FirstKeys;
let instance: Instance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'first-steps-'));
  database = await PostgresServer.start();
  await writeFile(join(folder, 'database_url'), await database.createDatabase());
  const delivered = Object.entries(readCompose('deploy/scale.env').services['api-1']?.environment ?? {});
  const settings = {
    ...readImageEnvironment(),
    ...Object.fromEntries(delivered.filter(([, value]) => !value.startsWith('/run/secrets/'))),
    DATABASE_URL_FILE: join(folder, 'database_url'),
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    TRUST_PROXY: '127.0.0.1',
    // Their servers have no part in the first steps.
    CACHE: 'memory',
    QUEUE: 'none',
  };
  keys = await takeFirstSteps(settings);
  instance = new Instance(await findFreePort(), settings);
  await instance.start();
}, 60_000);
afterAll(async () => {
  await instance.kill();
  await database.remove();
  await rm(folder, { recursive: true });
});

async function statusOf(path: string, key: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${instance.port}${path}`, { headers: { 'X-API-Key': key } });
  return answer.status;
}

describe('the first steps of deploy/scale.env, on an empty database,', () => {
  it('make a key with which Prometheus reads metrics and nothing else', async () => {
    expect(await statusOf('/metrics', keys.prometheus)).toBe(200);
    expect(await statusOf('/predictions', keys.prometheus)).toBe(403);
  });

  it('make a key for an operator, and the first start makes none of its own', async () => {
    expect(await statusOf('/predictions', keys.operator)).toBe(200);
    expect(instance.printed.join('\n')).not.toContain('pad_');
  });
});
