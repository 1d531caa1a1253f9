import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessError } from '../access-error';
import { API_KEY_PATTERN } from './api-key';
import { KeysFile } from './keys-file';

const NOW_MS = Date.UTC(2026, 10, 23);
const wishes = { name: 'shop', tenant: 'shop', scopes: ['predict'] } as const;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  path = join(folder, 'access', 'keys.json');
});
afterEach(() => rm(folder, { recursive: true }));

describe('KeysFile', () => {
  it('answers the text of a new key, and keeps its hash for its owner only', async () => {
    const { text, key } = await new KeysFile(path).create(wishes, NOW_MS);
    expect(API_KEY_PATTERN.exec(text)?.[1]).toBe(key.prefix);
    // 43 characters of base64url are 258 bits, of which 256 are random.
    expect(Buffer.from(text.slice(13), 'base64url')).toHaveLength(32);
    const kept = await readFile(path, 'utf8');
    expect(kept).toContain(key.sha256);
    expect(kept).not.toContain(text.slice(13));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'access'))).toEqual(['keys.json']);
  });

  it('loses none of twenty keys that are made at once, by as many writers, on a file that is not there yet', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        new KeysFile(path).create({ ...wishes, name: `n${index}` }, NOW_MS),
      ),
    );
    const kept = await new KeysFile(path).list();
    expect(kept.map(({ prefix }) => prefix).sort()).toEqual(made.map(({ key }) => key.prefix).sort());
    expect(await readdir(join(folder, 'access'))).toEqual(['keys.json']);
  });

  it('loses neither the first key of the service nor one made by hand at the same moment', async () => {
    const [first, made] = await Promise.all([
      new KeysFile(path).createFirst(wishes, NOW_MS),
      new KeysFile(path).create(wishes, NOW_MS),
    ]);
    const kept = (await new KeysFile(path).list()).map(({ prefix }) => prefix);
    expect(kept).toContain(made.key.prefix);
    if (first !== undefined) expect(kept).toContain(first.split('_')[1]);
    expect(kept).toHaveLength(first === undefined ? 1 : 2);
  });

  it('makes the first key once, however many processes start together', async () => {
    const texts = await Promise.all(
      Array.from({ length: 8 }, () => new KeysFile(path).createFirst(wishes, NOW_MS)),
    );
    expect(texts.filter((text) => text !== undefined)).toHaveLength(1);
    expect(await new KeysFile(path).list()).toHaveLength(1);
  });

  it('revokes by prefix, and keeps the first moment of it', async () => {
    const file = new KeysFile(path);
    const { key } = await file.create(wishes, NOW_MS);
    expect(await file.revoke(key.prefix, NOW_MS + 1)).toEqual({
      ...key,
      revokedAt: '2026-11-23T00:00:00.001Z',
    });
    await file.revoke(key.prefix, NOW_MS + 2);
    expect(await file.list()).toEqual([{ ...key, revokedAt: '2026-11-23T00:00:00.001Z' }]);
    await expect(file.revoke('aaaaaaaa', NOW_MS)).rejects.toThrow(AccessError);
  });

  it('goes past the lock of a process that was killed, and leaves a damaged file as it is', async () => {
    const file = new KeysFile(path);
    await file.create(wishes, NOW_MS);
    await writeFile(`${path}.lock`, 'somebody');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${path}.lock`, longAgo, longAgo);
    await file.create(wishes, NOW_MS);
    expect(await file.list()).toHaveLength(2);
    expect(await readdir(join(folder, 'access'))).toEqual(['keys.json']);
    await writeFile(path, '{"format":"api-keys/1"');
    await expect(file.create(wishes, NOW_MS)).rejects.toThrow(/complete JSON document/);
    expect(await readFile(path, 'utf8')).toBe('{"format":"api-keys/1"');
  });
});
