import { randomBytes } from 'node:crypto';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from '../../common/error-code';

const REQUEST_PATTERN = /^seal-request-[0-9a-f]{16}$/;

/** How often the writer looks for requests: a `readdir` of a folder with a few hundred names. */
const LOOK_EVERY_MS = 500;

/** A writer that runs answers within a second; one that is stopped, or older than this, never does. */
const ANSWER_WITHIN_MS = 15_000;

/** How often the one who asked looks. */
const ASK_AGAIN_MS = 50;

/**
 * What others may ask of the process that writes a folder: to end the segment it is writing, so that erasure
 * can rewrite it. A request is an empty file in the folder; the writer removes it when that is done. Files
 * work wherever the folder does, also between containers.
 */
export class SealRequests {
  private readonly timer: NodeJS.Timeout;
  private answering: Promise<void> | undefined;

  /** @param seal ends the segment being written; while it fails the request stays, and is tried again */
  constructor(
    private readonly folder: string,
    private readonly seal: () => Promise<void>,
  ) {
    this.timer = setInterval(() => {
      this.answering ??= this.answer().finally(() => {
        this.answering = undefined;
      });
    }, LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Answers no more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.answering;
  }

  /** Never rejects: what is wrong with the folder is found out, and told, by those who write and read records. */
  private async answer(): Promise<void> {
    try {
      const requests = (await readdir(this.folder)).filter((name) => REQUEST_PATTERN.test(name));
      if (requests.length === 0) return;
      await this.seal();
      for (const name of requests) await rm(join(this.folder, name), { force: true });
    } catch {
      return;
    }
  }
}

/**
 * Asks the process that writes a folder to end its segment.
 *
 * @returns whether it did within fifteen seconds
 * @throws what the operating system answered, when the request cannot be made; AbortError when the signal was aborted
 */
export async function requestSeal(folder: string, signal: AbortSignal): Promise<boolean> {
  const path = join(folder, `seal-request-${randomBytes(8).toString('hex')}`);
  try {
    await writeFile(path, '', { flag: 'wx' });
    for (const end = performance.now() + ANSWER_WITHIN_MS; performance.now() < end;) {
      await wait(ASK_AGAIN_MS, undefined, { signal });
      if (!(await isThere(path))) return true;
    }
    return false;
  } finally {
    await rm(path, { force: true });
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
