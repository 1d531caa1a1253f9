import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AccessError } from '../access-error';
import { lockFile } from '../files/lock-file';
import { replaceFile, writeNewFile } from '../files/write-file';
import { type ApiKey } from './api-key';
import { type ApiKeyWishes, makeApiKey } from './make-api-key';
import { formatKeysFile, parseKeysFile } from './parse-keys-file';

/** The file of API keys, as it is changed: one change at a time, whole or not at all. */
export class KeysFile {
  constructor(private readonly path: string) {}

  /**
   * All keys, in the order they were made; none when there is no file.
   *
   * @throws {AccessError} when the file is damaged
   */
  async list(): Promise<readonly ApiKey[]> {
    return (await this.read()) ?? [];
  }

  /** Keeps a new key and answers its text, which cannot be had again. */
  create(wishes: ApiKeyWishes, nowMs: number): Promise<{ text: string; key: ApiKey }> {
    return this.change((keys) => {
      let made = makeApiKey(wishes, nowMs);
      while (keys.some(({ prefix }) => prefix === made.key.prefix)) made = makeApiKey(wishes, nowMs);
      return { keys: [...keys, made.key], answer: made };
    });
  }

  /**
   * From now on the key is refused. A key that is revoked already stays as it is.
   *
   * @throws {AccessError} when no key has this prefix
   */
  revoke(prefix: string, nowMs: number): Promise<ApiKey> {
    return this.change((keys) => {
      const found = keys.find((key) => key.prefix === prefix);
      if (found === undefined) {
        throw new AccessError(
          `${this.path}: no key has this prefix. npm run keys -- list shows those there are.`,
        );
      }
      const revoked = { ...found, revokedAt: found.revokedAt ?? new Date(nowMs).toISOString() };
      return { keys: keys.map((key) => (key === found ? revoked : key)), answer: revoked };
    });
  }

  /**
   * Makes the file with a first key, unless there is one.
   *
   * @returns undefined when the file was there already
   */
  async createFirst(wishes: ApiKeyWishes, nowMs: number): Promise<string | undefined> {
    if ((await this.read()) !== undefined) return undefined;
    const { text, key } = makeApiKey(wishes, nowMs);
    return (await writeNewFile(this.path, formatKeysFile([key]))) ? text : undefined;
  }

  /** @param next answers the keys to be kept; it may be asked again when somebody else was faster */
  private async change<Answer>(
    next: (keys: readonly ApiKey[]) => { readonly keys: readonly ApiKey[]; readonly answer: Answer },
  ): Promise<Answer> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    for (;;) {
      const lock = await lockFile(this.path);
      try {
        const before = await this.read();
        const { keys, answer } = next(before ?? []);
        const text = formatKeysFile(keys);
        if (before === undefined) {
          // The service makes its first key without the lock.
          if (await writeNewFile(this.path, text)) return answer;
        } else if (await lock.isHeld()) {
          await replaceFile(this.path, text);
          return answer;
        }
      } finally {
        await lock.release();
      }
    }
  }

  private async read(): Promise<readonly ApiKey[] | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw new AccessError(`${this.path}: cannot be read (${code ?? 'unknown error'}).`, { cause: error });
    }
    return parseKeysFile(this.path, text);
  }
}
