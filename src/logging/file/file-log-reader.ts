import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from '../../common/error-code';
import { type AuditLogReader, type LogState, type PredictionLogReader } from '../prediction-log';
import { FolderView, type MonotonicTime } from './folder-view';
import { explainReadFailure } from './log-failures';
import { type LogSegment } from './log-segment';
import { type OpenSegmentFile } from './segment-files';
import { closedForReading, MOST_READ_ATTEMPTS, SegmentReads } from './segment-reads';

/** What to read. */
export interface FileLogReaderOptions {
  /** Where a `FilePredictionLog` writes, in whatever process; until it exists the log is empty. */
  readonly folder: string;
  /** Opens segments; tests hand in files that fail. */
  readonly openFile?: OpenSegmentFile;
  /** The machine's own unless given. */
  readonly time?: MonotonicTime;
}

const MACHINE_TIME: MonotonicTime = {
  now: () => performance.now(),
  wait: async (milliseconds) => {
    await wait(milliseconds);
  },
};

/**
 * Reads the folder that a `FilePredictionLog` writes, in another process or thread or beside it.
 * Takes no lock and writes nothing, and the writer need not run.
 *
 * It shows a record within a second of its acknowledgement, each exactly once, and none that was
 * refused (see `SettledEnd`). Somebody who asks for the first time in a while waits a quarter of a
 * second for what was written since. Memory and open files do not grow with the log.
 */
export class FileLogReader extends SegmentReads implements PredictionLogReader, AuditLogReader {
  private refreshing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly view: FolderView,
  ) {
    super();
  }

  /** @throws {LogFolderError} the folder is there and cannot be read */
  static async open({
    folder,
    openFile = open,
    time = MACHINE_TIME,
  }: FileLogReaderOptions): Promise<FileLogReader> {
    const reader = new FileLogReader(folder, new FolderView(folder, openFile, time));
    try {
      await reader.refresh();
    } catch (error) {
      await reader.close();
      throw explainReadFailure(folder, error);
    }
    return reader;
  }

  /** Whether the folder can be read; one that is not there yet can. A reader sets no damaged lines aside. */
  async probe(): Promise<LogState> {
    try {
      await this.withSegments(() => Promise.resolve());
      return { available: true, waiting: 0, damagedLines: 0 };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { available: false, reason: error.message, waiting: 0, damagedLines: 0 };
    }
  }

  /** @inheritDoc */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    await this.refreshing?.catch(() => undefined);
    await this.view.close();
  }

  /**
   * @inheritDoc
   * @throws {LogFolderError} the folder cannot be read
   */
  protected override async withSegments<T>(
    work: (segments: readonly LogSegment[]) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      this.refuseWhenClosed();
      try {
        await this.refresh();
        this.refuseWhenClosed();
        return await this.view.use(work);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || attempt === MOST_READ_ATTEMPTS)
          throw explainReadFailure(this.folder, error);
      }
    }
  }

  /** Those who ask at the same time share one look. */
  private refresh(): Promise<void> {
    this.refreshing ??= this.view.refresh().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private refuseWhenClosed(): void {
    if (this.closing !== undefined) throw closedForReading();
  }
}
