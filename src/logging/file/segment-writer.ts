import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { LogSegment } from './log-segment';
import {
  ACTIVE_SEGMENT,
  sealedSegmentName,
  syncFolder,
  writeFully,
  type OpenSegmentFile,
  type SegmentFile,
} from './segment-files';

/** How segments are written. */
export interface SegmentWriterOptions {
  readonly folder: string;
  /** Whether bytes must survive the loss of power before they count as written. */
  readonly durable: boolean;
  readonly maxSegmentBytes: number;
  readonly openFile: OpenSegmentFile;
}

/** The log as it was found at start, verified. */
export interface FoundLog {
  /** Oldest first. */
  readonly sealed: readonly LogSegment[];
  readonly nextSequence: number;
  /** Sound bytes of the active segment; it need not exist. */
  readonly activeLength: number;
  /** UTC day of the active segment's records, counted from the epoch; undefined when it has none. */
  readonly activeDay: number | undefined;
}

/**
 * The kernel could not say that bytes reached the disk. It may have dropped them and would report
 * success when asked again: only a start from what the disk holds is sound.
 */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure';
}

/**
 * Writes batches of whole lines, and starts new segments. One call at a time.
 *
 * Either all bytes of a batch are acknowledged or none stays behind: after a failure the file is cut
 * back to what is acknowledged before anything else is written.
 */
export class SegmentWriter {
  private known: readonly LogSegment[];
  private file: SegmentFile | undefined;
  private active: LogSegment | undefined;
  private acknowledged: number;
  private day: number | undefined;
  private nextSequence: number;
  /** Bytes may lie behind what is acknowledged. */
  private unacknowledgedTail = false;
  private syncFailure: SyncFailure | undefined;

  private constructor(
    private readonly options: SegmentWriterOptions,
    found: FoundLog,
  ) {
    this.known = found.sealed;
    this.nextSequence = found.nextSequence;
    this.acknowledged = found.activeLength;
    this.day = found.activeDay;
  }

  /** Opens the active segment, or begins the first one. */
  static async open(options: SegmentWriterOptions, found: FoundLog): Promise<SegmentWriter> {
    const writer = new SegmentWriter(options, found);
    await writer.openActive();
    return writer;
  }

  /** All segments, oldest first; the last one is being written unless its opening failed. */
  get segments(): readonly LogSegment[] {
    return this.known;
  }

  /** The file being written. */
  get path(): string {
    return join(this.options.folder, ACTIVE_SEGMENT);
  }

  /** Whether bytes of a refused write are still in the file, and would come back with a crash. */
  get hasUnacknowledgedTail(): boolean {
    return this.unacknowledgedTail;
  }

  /**
   * Writes whole lines, behind all that is acknowledged.
   *
   * @param day UTC day of these records; a segment holds the records of one day
   * @throws {SyncFailure} for good: nothing can be written by this process any more
   * @throws what the operating system answered: nothing of these bytes was kept, later ones may be
   */
  async commit(bytes: Buffer, day: number): Promise<void> {
    if (this.syncFailure !== undefined) throw this.syncFailure;
    await this.cutUnacknowledgedTail();
    if (this.isFullFor(bytes.length, day)) await this.sealActive();
    const file = this.file ?? (await this.openActive());
    this.unacknowledgedTail = true;
    try {
      await writeFully(file, bytes, this.acknowledged);
      if (this.options.durable) await this.sync(() => file.datasync());
    } catch (error) {
      // Now, so that a refused record does not come back after a crash; if this fails, before the next write.
      await this.cutUnacknowledgedTail().catch(() => undefined);
      throw error;
    }
    this.unacknowledgedTail = false;
    this.acknowledged += bytes.length;
    this.active?.acknowledge(this.acknowledged);
    this.day = day;
  }

  /**
   * Ends the segment being written, unless it is empty, and begins a new one: what is in it never changes again.
   *
   * @throws what the operating system answered
   */
  async seal(): Promise<void> {
    if (this.syncFailure !== undefined) throw this.syncFailure;
    await this.cutUnacknowledgedTail();
    if (this.acknowledged > 0) await this.sealActive();
    if (this.file === undefined) await this.openActive();
  }

  /** Drops sealed segments whose files were removed, as retention does. */
  async forgetRemoved(): Promise<void> {
    const missing = new Set<LogSegment>();
    for (const segment of this.known) {
      if (segment !== this.active && !(await exists(segment.path))) missing.add(segment);
    }
    this.known = this.known.filter((segment) => !missing.has(segment));
  }

  /** Lets the file go. */
  async close(): Promise<void> {
    await this.cutUnacknowledgedTail().catch(() => undefined);
    this.file = undefined;
    await this.active?.release();
    this.active = undefined;
  }

  private async cutUnacknowledgedTail(): Promise<void> {
    if (!this.unacknowledgedTail) return;
    await this.file?.truncate(this.acknowledged);
    this.unacknowledgedTail = false;
  }

  private isFullFor(length: number, day: number): boolean {
    if (this.acknowledged === 0) return false;
    return this.acknowledged + length > this.options.maxSegmentBytes || day !== this.day;
  }

  /** Gives the active segment its final name. Killed before a new one begins, the next start begins it. */
  private async sealActive(): Promise<void> {
    const sealedPath = await this.freePath();
    await rename(this.path, sealedPath);
    this.nextSequence += 1;
    const sealed = this.active;
    this.file = undefined;
    this.active = undefined;
    this.acknowledged = 0;
    await sealed?.seal(sealedPath);
  }

  /** A name that no file has: nothing is ever overwritten. */
  private async freePath(): Promise<string> {
    for (;;) {
      const path = join(this.options.folder, sealedSegmentName(this.nextSequence, this.day ?? 0));
      if (!(await exists(path))) return path;
      this.nextSequence += 1;
    }
  }

  private async openActive(): Promise<SegmentFile> {
    const { folder, durable, openFile } = this.options;
    // Never a flag that truncates, and never O_APPEND: with it positions are ignored.
    const file = await openFile(this.path, (await exists(this.path)) ? 'r+' : 'wx+');
    try {
      await this.refuseForeignBytes(file);
      if (durable) {
        // What was found may only be in the page cache, left there by a process that was killed.
        if (this.acknowledged > 0) await this.sync(() => file.datasync());
        await this.sync(() => syncFolder(folder));
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    this.file = file;
    this.active = LogSegment.active(this.path, openFile, file, this.acknowledged);
    this.known = [...this.known, this.active];
    return file;
  }

  private async refuseForeignBytes(file: SegmentFile): Promise<void> {
    const { size } = await file.stat();
    if (size === this.acknowledged) return;
    const expected = `expected ${String(this.acknowledged)} bytes and found ${String(size)}`;
    throw Object.assign(new Error(`${this.path}: ${expected}, another program wrote to it`), {
      code: 'EEXIST',
    });
  }

  private async sync(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.syncFailure = new SyncFailure('a sync failed', { cause: error });
      throw this.syncFailure;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
