import { blocksForward, rawLines } from './line-blocks';
import { idOfLine, inspectLine } from './log-line';
import { type OpenSegmentFile, type SegmentFile } from './segment-files';

/** The first record is usually the first line: one small read finds it. */
const FIRST_LINE_BLOCK = 4096;

/**
 * One file of the log, for readers. It is open only while somebody reads it (and while it is being
 * written), and stays readable while it is renamed.
 */
export class LogSegment {
  private users = 0;
  private opening: Promise<SegmentFile> | undefined;
  private cachedFirstId: string | undefined;
  private knownEmpty = false;
  private sealed: boolean;

  private constructor(
    private currentPath: string,
    private readonly openFile: OpenSegmentFile,
    /** Bytes that may be read: what is acknowledged. Of a sealed segment unknown until it is opened. */
    private readable: number | undefined,
  ) {
    this.sealed = readable === undefined;
  }

  /** A segment that is no longer written; it is opened whenever it is read. */
  static sealed(path: string, openFile: OpenSegmentFile): LogSegment {
    return new LogSegment(path, openFile, undefined);
  }

  /**
   * The segment that is being written.
   *
   * @param file open for reading and writing; `seal` or `release` lets it go
   * @param acknowledged bytes that readers may see
   */
  static active(
    path: string,
    openFile: OpenSegmentFile,
    file: SegmentFile,
    acknowledged: number,
  ): LogSegment {
    const segment = new LogSegment(path, openFile, acknowledged);
    segment.users = 1;
    segment.opening = Promise.resolve(file);
    return segment;
  }

  /** Where the file is now. */
  get path(): string {
    return this.currentPath;
  }

  /** Shows readers what is acknowledged by now. */
  acknowledge(length: number): void {
    this.readable = length;
  }

  /** The writer is done with it, and it has its final name. */
  async seal(path: string): Promise<void> {
    this.currentPath = path;
    this.sealed = true;
    await this.release();
  }

  /** The writer lets the file go; readers finish what they began. */
  async release(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    const opening = this.opening;
    this.opening = undefined;
    // Erasure may put another file of another length in its place.
    if (this.sealed) this.readable = undefined;
    const file = await opening?.catch(() => undefined);
    await file?.close();
  }

  /**
   * Reads with an open file.
   *
   * @param work gets the file and how much of it may be read
   */
  async use<T>(work: (file: SegmentFile, length: number) => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      this.opening ??= this.openFile(this.currentPath, 'r');
      const file = await this.opening;
      this.readable ??= (await file.stat()).size;
      return await work(file, this.readable);
    } finally {
      await this.release();
    }
  }

  /** The id of its first sound record; undefined when it has none. Read once, then remembered. */
  async firstId(): Promise<string | undefined> {
    if (this.cachedFirstId === undefined && !this.knownEmpty) {
      this.cachedFirstId = await this.use(readFirstId);
      this.knownEmpty = this.sealed && this.cachedFirstId === undefined;
    }
    return this.cachedFirstId;
  }
}

async function readFirstId(file: SegmentFile, length: number): Promise<string | undefined> {
  for await (const block of blocksForward(file, 0, length, FIRST_LINE_BLOCK)) {
    for (const line of rawLines(block.bytes)) {
      const first = inspectLine(block.bytes, line.start, line.end).records[0];
      if (first !== undefined) return idOfLine(block.bytes, first);
    }
  }
  return undefined;
}
