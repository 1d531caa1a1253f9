import { readFile, stat } from 'node:fs/promises';

/** Changes count within a second: half of it to notice, the rest to read. */
const LOOK_EVERY_MS = 500;

/**
 * Tells of every change of a file, by looking twice a second: notifications of the kernel do not come over
 * network volumes, nor through a rename.
 */
export class WatchedFile {
  private seen = '';
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  /**
   * @param take is given the text, or null when there is no file; must not throw
   * @param fail is told once of each failure to read the file
   */
  private constructor(
    private readonly path: string,
    private readonly take: (text: string | null) => void,
    private readonly fail: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => {
      void this.look();
    }, LOOK_EVERY_MS);
    this.timer.unref();
  }

  /** Resolves when the file was taken for the first time. */
  static async open(
    path: string,
    take: (text: string | null) => void,
    fail: (error: unknown) => void,
  ): Promise<WatchedFile> {
    const file = new WatchedFile(path, take, fail);
    await file.look();
    return file;
  }

  /** Looks now. */
  async look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    await this.looking;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async lookOnce(): Promise<void> {
    try {
      const state = await describeState(this.path);
      if (state === this.seen) return;
      const text = state === 'missing' ? null : await readFile(this.path, 'utf8');
      // What changed while it was read is read again at the next look.
      this.seen = state;
      this.take(text);
    } catch (error) {
      const failure = `failed: ${(error as NodeJS.ErrnoException).code ?? ''}`;
      if (failure === this.seen) return;
      this.seen = failure;
      this.fail(error);
    }
  }
}

/** Differs after every change: the time of change cannot be set back by hand, unlike that of modification. */
async function describeState(path: string): Promise<string> {
  try {
    const { ino, size, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${ctimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
}
