import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccessConfiguration } from '../../config/configuration';
import { loadSessionSecret } from './session-secret';

let folder: string;
let access: AccessConfiguration;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-secret-'));
  access = { mode: 'on', keysFile: join(folder, 'keys.json'), sessionSecret: undefined, tokens: undefined };
});
afterEach(() => rm(folder, { recursive: true }));

describe('loadSessionSecret', () => {
  it('makes one secret, however many processes start at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 8 }, () => loadSessionSecret(access)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readFile(join(folder, 'session-secret'), 'utf8')).toBe(`${secrets[0] ?? ''}\n`);
    expect(await readdir(folder)).toEqual(['session-secret']);
  });

  it('writes nothing when there is one: a start that ends at once must leave nothing behind', async () => {
    const made = await loadSessionSecret(access);
    const { mtimeNs } = await stat(folder, { bigint: true });
    expect(await loadSessionSecret(access)).toBe(made);
    expect((await stat(folder, { bigint: true })).mtimeNs).toBe(mtimeNs);
  });
});
