import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { CommandError } from './command';
import { explainSystemError } from './explain-system-error';

/**
 * A file that is written under a temporary name beside its own, and takes its name, and the place of an
 * older one, only when it is complete.
 */
export class StagedFile {
  private constructor(
    readonly target: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  /** @throws {CommandError} when nothing can be written there */
  static async create(target: string): Promise<StagedFile> {
    const temporary = `${target}.${randomBytes(4).toString('hex')}.part`;
    const handle = await explained(target, () => open(temporary, 'wx'));
    return new StagedFile(target, temporary, handle);
  }

  /** @throws {CommandError} such as when the disk is full */
  async append(text: string): Promise<void> {
    await explained(this.target, () => this.handle.appendFile(text));
  }

  /** Makes what was written durable; still under the temporary name. */
  async finish(): Promise<void> {
    await explained(this.target, async () => {
      await this.handle.sync();
      await this.handle.close();
    });
  }

  /** Takes the file's own name, in one step. Only after `finish`. */
  async publish(): Promise<void> {
    await explained(this.target, () => rename(this.temporary, this.target));
  }

  /** Removes what was written, unless it was published. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }
}

async function explained<Result>(target: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw new CommandError(
      `${target}: cannot be written: ${explainSystemError(error)}. Make room or choose another place; ` +
        'files from earlier runs are as they were.',
      { cause: error },
    );
  }
}
