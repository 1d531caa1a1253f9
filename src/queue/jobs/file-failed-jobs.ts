import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeNewFile } from '../../auth/files/write-file';
import { type Clock } from '../../common/clock';
import { errorCode } from '../../common/error-code';
import { type ProblemDocument } from '../../common/http/problem';
import { hashIdempotencyKey, type OwnedKey } from '../../logging/hash-idempotency-key';
import { type FailedJobs } from './failed-jobs';
import { OUTCOME_KEPT_MS } from './job';

/** Within the log's folder. */
const FOLDER = 'failed-jobs';

/** Old files cost nothing but their place. */
const REMOVE_EVERY_MS = 3_600_000;

/** Failed jobs as files, one each: there are few. */
export class FileFailedJobs implements FailedJobs {
  private readonly folder: string;
  private removedAt = -Infinity;

  constructor(
    logFolder: string,
    private readonly clock: Clock,
  ) {
    this.folder = join(logFolder, FOLDER);
  }

  async add(key: OwnedKey, problem: ProblemDocument): Promise<void> {
    const path = this.pathOf(key);
    await mkdir(this.folder, { recursive: true });
    await this.removeAllOld();
    // Of the same job, under a key that was used again: it would keep the new reason out.
    await this.removeIfOld(path);
    await writeNewFile(path, JSON.stringify(problem));
  }

  async find(key: OwnedKey): Promise<ProblemDocument | undefined> {
    const path = this.pathOf(key);
    try {
      if (this.isOld((await stat(path)).mtimeMs)) return undefined;
      // Written as a whole, and by this class only.
      return JSON.parse(await readFile(path, 'utf8')) as ProblemDocument;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  private async removeAllOld(): Promise<void> {
    if (this.clock() - this.removedAt < REMOVE_EVERY_MS) return;
    this.removedAt = this.clock();
    for (const name of await readdir(this.folder)) await this.removeIfOld(join(this.folder, name));
  }

  private async removeIfOld(path: string): Promise<void> {
    try {
      if (this.isOld((await stat(path)).mtimeMs)) await rm(path, { force: true });
    } catch (error) {
      // Another failure that is being kept removed it, or was itself written beside its name until now.
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  private isOld(milliseconds: number): boolean {
    return milliseconds < this.clock() - OUTCOME_KEPT_MS;
  }

  private pathOf(key: OwnedKey): string {
    return join(this.folder, `${hashIdempotencyKey(key).toString('hex')}.json`);
  }
}
