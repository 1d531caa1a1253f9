import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeysFile } from '../../src/auth/keys/keys-file';
import { findFreePort } from '../factories/servers/find-free-port';
import { Instance } from './instance';
import { NginxInFront } from './nginx-in-front';

/** The largest body that nginx passes on. */
const LARGE_BODY = '['.repeat(4 * 1024 * 1024);
const REQUESTS = 20;

let folder: string;
let instance: Instance;
let nginx: NginxInFront;
let key: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nginx-refusals-'));
  const keys = new KeysFile(join(folder, 'logs', 'access', 'keys.json'));
  key = (await keys.create({ name: 'tester', tenant: 'default', scopes: ['predict'] }, Date.now())).text;
  instance = new Instance(await findFreePort(), { AUTH: 'on', TRUST_PROXY: '127.0.0.1', DATA_DIR: folder });
  await instance.start();
  nginx = await NginxInFront.start([instance.port]);
}, 30_000);
afterAll(async () => {
  await nginx.remove();
  await instance.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('what an instance refuses unread reaches the caller through nginx, and is no failure of the instance:', () => {
  it.each([
    ['a caller without a key', '/predict/batch', {}, 401],
    ['a body that is too large for its route', '/predict', { json: true }, 413],
    ['another media type', '/predict/batch', { json: false }, 415],
    ['too many parameters', `/predict?${'a&'.repeat(32)}a`, { json: true }, 400],
    ['no such address', '/predicted', { json: true }, 404],
  ])('%s', async (_what, path, sent: { json?: boolean }, status) => {
    const headers = {
      ...(sent.json !== undefined && { 'X-API-Key': key }),
      'Content-Type': sent.json === true ? 'application/json' : 'application/xml',
    };
    const statuses: number[] = [];
    for (let request = 0; request < REQUESTS; request++) {
      const url = `http://127.0.0.1:${nginx.port}${path}`;
      const answer = await fetch(url, { method: 'POST', headers, body: LARGE_BODY });
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    expect(statuses).toEqual(Array<number>(REQUESTS).fill(status));
  });
});
