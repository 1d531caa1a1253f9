import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type AccessConfiguration } from '../../config/configuration';
import { AccessError } from '../access-error';
import { writeNewFile } from '../files/write-file';

const NAME = 'session-secret';
const SECRET_PATTERN = /^[A-Za-z0-9_-]{43}\n$/;

/**
 * What signs sessions: the setting, or 256 random bits that the first process makes beside the keys.
 *
 * @throws {AccessError} when the file is damaged
 */
export async function loadSessionSecret(access: AccessConfiguration): Promise<string> {
  if (access.sessionSecret !== undefined) return access.sessionSecret;
  const path = join(dirname(access.keysFile), NAME);
  const text = (await readSecret(path)) ?? (await makeSecret(path));
  if (SECRET_PATTERN.test(text)) return text.trim();
  throw new AccessError(`${path}: expected 43 characters. Delete it: a new one is made, and sessions end.`);
}

/** Looked for before anything is written: a process that ends in the midst of its start would leave a file each time. */
async function readSecret(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Read again: another process may have been faster. */
async function makeSecret(path: string): Promise<string> {
  await writeNewFile(path, `${randomBytes(32).toString('base64url')}\n`);
  return readFile(path, 'utf8');
}
