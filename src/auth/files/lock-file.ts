import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { AccessError } from '../access-error';

/** A change takes milliseconds: whoever holds the lock for longer was killed. */
const STALE_MS = 10_000;
const ASK_AGAIN_MS = 20;
/** Longer than a killed holder blocks others. */
const PATIENCE_MS = 20_000;

/** A held lock. */
export interface FileLock {
  /** Whether it is still ours: a process that slept for long may have been taken for dead. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Waits until nobody else changes a file. The lock is a file beside it, so that it also holds between
 * containers on one volume, where process numbers mean nothing.
 *
 * @throws {AccessError} when somebody else holds it all the time
 */
export async function lockFile(path: string): Promise<FileLock> {
  const lock = `${path}.lock`;
  const name = randomBytes(16).toString('hex');
  const isHeld = async (): Promise<boolean> => (await readFile(lock, 'utf8').catch(() => '')) === name;
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    if (await takeLock(lock, name)) {
      return {
        isHeld,
        release: async () => {
          if (await isHeld()) await rm(lock, { force: true });
        },
      };
    }
    if (Date.now() > deadline) {
      throw new AccessError(`${lock}: another process changes the file. Try again when it is done.`);
    }
    await removeStale(lock);
    await delay(ASK_AGAIN_MS);
  }
}

async function takeLock(lock: string, name: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600);
    try {
      await file.writeFile(name);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(lock: string): Promise<void> {
  const found = await stat(lock).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < STALE_MS) return;
  // Renamed first: of all who find it stale one succeeds. Should it hit a fresh lock, its holder sees it by isHeld.
  const aside = `${lock}.${randomBytes(6).toString('hex')}`;
  await rename(lock, aside).then(
    () => rm(aside, { force: true }),
    () => undefined,
  );
}
