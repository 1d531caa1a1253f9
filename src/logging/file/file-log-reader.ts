import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isRecordId } from '../issue-record-id';
import {
  type AuditLogReader,
  type LogPage,
  type LogQuery,
  type LogState,
  type PredictionLogReader,
} from '../prediction-log';
import { type AuditRecord, type PredictionRecord } from '../prediction-record';
import { checkLogQuery } from './check-log-query';
import { FolderView, type MonotonicTime } from './folder-view';
import { LogFolderError } from './log-folder-error';
import { type LogSegment } from './log-segment';
import { findRecord, readAuditRecords, readRecords } from './read-log';
import { errorCode, type OpenSegmentFile } from './segment-files';

/** What to read. */
export interface FileLogReaderOptions {
  /** Where a `FilePredictionLog` writes, in whatever process; until it exists the log is empty. */
  readonly folder: string;
  /** Opens segments; tests hand in files that fail. */
  readonly openFile?: OpenSegmentFile;
  /** The machine's own unless given. */
  readonly time?: MonotonicTime;
}

/** Retention removes old segments, one after the other; a read that meets one begins again without it. */
const MOST_ATTEMPTS = 5;

const MACHINE_TIME: MonotonicTime = {
  now: () => performance.now(),
  wait: async (milliseconds) => {
    await wait(milliseconds);
  },
};

/** What to do when the folder cannot be read, by the operating system's code. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "give the service's user the right to read it",
  EPERM: "give the service's user the right to read it",
  ENOTDIR: 'it must be a folder',
  EMFILE: 'raise the limit of open files',
  ENFILE: 'raise the limit of open files',
};
const OTHER_ADVICE = 'look at its volume; the next request tries again';

/**
 * Reads the folder that a `FilePredictionLog` writes, in another process or thread or beside it.
 * Takes no lock and writes nothing, and the writer need not run.
 *
 * It shows a record within a second of its acknowledgement, each exactly once, and none that was
 * refused (see `SettledEnd`). Somebody who asks for the first time in a while waits a quarter of a
 * second for what was written since. Memory and open files do not grow with the log.
 */
export class FileLogReader implements PredictionLogReader, AuditLogReader {
  private refreshing: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly view: FolderView,
  ) {}

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
      throw reader.explain(error);
    }
    return reader;
  }

  /**
   * @inheritDoc
   * @throws {LogFolderError} the folder cannot be read
   */
  async read(query: LogQuery): Promise<LogPage> {
    checkLogQuery(query);
    return this.withSegments((segments) => readRecords(segments, query));
  }

  /**
   * @inheritDoc
   * @throws {LogFolderError} the folder cannot be read
   */
  async readAudit(query: LogQuery): Promise<LogPage<AuditRecord>> {
    checkLogQuery(query);
    return this.withSegments((segments) => readAuditRecords(segments, query));
  }

  /**
   * @inheritDoc
   * @throws {LogFolderError} the folder cannot be read
   */
  async find(id: string): Promise<PredictionRecord | undefined> {
    const wanted = id.toLowerCase();
    return isRecordId(wanted) ? this.withSegments((segments) => findRecord(segments, wanted)) : undefined;
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

  private async withSegments<T>(work: (segments: readonly LogSegment[]) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      this.refuseWhenClosed();
      try {
        await this.refresh();
        this.refuseWhenClosed();
        return await this.view.use(work);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || attempt === MOST_ATTEMPTS) throw this.explain(error);
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
    if (this.closing !== undefined) throw new Error('The prediction log is closed: read before closing it');
  }

  /** An error of the operating system as one that says what to do; any other as it is. */
  private explain(error: unknown): unknown {
    const code = errorCode(error);
    if (!/^E[A-Z0-9]+$/.test(code)) return error;
    return new LogFolderError(
      `The prediction log in ${this.folder} cannot be read (${code}): ${ADVICE[code] ?? OTHER_ADVICE}`,
      { cause: error },
    );
  }
}
