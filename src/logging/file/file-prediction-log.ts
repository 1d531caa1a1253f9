import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { type Clock } from '../../common/clock';
import { RecordIdIssuer, timeOfId } from '../issue-record-id';
import {
  type AuditLogReader,
  type LogState,
  type LogUnavailableError,
  type PredictionLog,
} from '../prediction-log';
import { type LogRecord, type RecordDraft } from '../prediction-record';
import { GroupCommit } from './group-commit';
import { closedForWriting, openFailed, syncFailed, tooManyWaiting, writeFailed } from './log-failures';
import { LogFolderError } from './log-folder-error';
import { LogSegment } from './log-segment';
import { probeSpace, removeSpaceProbes } from './probe-space';
import { lastIdOf } from './read-log';
import { repairActiveSegment } from './repair-active-segment';
import { SealRequests } from './seal-requests';
import { dayOf, listSealedSegments, type OpenSegmentFile } from './segment-files';
import { closedForReading, MOST_READ_ATTEMPTS, SegmentReads } from './segment-reads';
import { SegmentWriter, SyncFailure, type FoundLog } from './segment-writer';
import { WriterLock } from './writer-lock';

/** Where and how the log is kept. */
export interface FilePredictionLogOptions {
  /** Made if missing; this process must be its only writer. */
  readonly folder: string;
  /** `always`: a record is acknowledged only when it survives the loss of power too. */
  readonly fsync: 'never' | 'always';
  /** Milliseconds since the epoch. */
  readonly clock: Clock;
  /** Called once when nothing can be written any more by this process: end it, a new start is sound. */
  readonly onFatal: (error: Error) => void;
  /** A segment that would become longer is closed and a new one begun; 64 MiB unless given. */
  readonly maxSegmentBytes?: number;
  /** Records that may wait for their write; 16,384 unless given. */
  readonly maxWaitingRecords?: number;
  /** Bytes that may wait for their write; 32 MiB unless given. */
  readonly maxWaitingBytes?: number;
  /** Opens segments; tests hand in files that fail. */
  readonly openFile?: OpenSegmentFile;
}

/** Verified at start within a third of a second, and a day of a million decisions makes some fifteen. */
export const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;

/** Sixteen full batch requests at once; a second of work for a slow disk. */
const MAX_WAITING_RECORDS = 16_384;

/** As many records of twice the usual length. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** A larger write gains nothing, and holds back all who wait for it. */
const MAX_WRITE_BYTES = 1024 * 1024;

/** Space comes back when somebody makes room: ask often enough, and do not burden a disk in trouble. */
const PROBE_EVERY_MILLISECONDS = 1000;

/**
 * The prediction log in a folder of NDJSON files: `production_logs.json` is written, older segments
 * are `production_logs.<sequence>.<day>.json`. Each line ends with its checksum.
 *
 * A record is acknowledged when the kernel has it (`fsync: 'never'`: survives a kill of the process)
 * or the disk (`'always'`: survives the loss of power). Memory does not grow with the log.
 */
export class FilePredictionLog extends SegmentReads implements PredictionLog, AuditLogReader {
  private readonly commits: GroupCommit;
  private readonly sealRequests: SealRequests;
  /** Resolves when the writer has done what it was last asked for: it does one thing at a time. */
  private turn: Promise<unknown> = Promise.resolve();
  private writeFailure: LogUnavailableError | undefined;
  private fatal: LogUnavailableError | undefined;
  private closing: Promise<void> | undefined;
  private probing: Promise<void> | undefined;
  private probedAt = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly options: FilePredictionLogOptions,
    private readonly lock: WriterLock,
    private readonly writer: SegmentWriter,
    private readonly ids: RecordIdIssuer,
    private readonly damagedLines: number,
  ) {
    super();
    this.commits = new GroupCommit((lines, day) => this.commit(lines, day), {
      maxWaitingRecords: options.maxWaitingRecords ?? MAX_WAITING_RECORDS,
      maxWaitingBytes: options.maxWaitingBytes ?? MAX_WAITING_BYTES,
      maxWriteBytes: Math.min(MAX_WRITE_BYTES, maxSegmentBytes(options)),
    });
    this.sealRequests = new SealRequests(options.folder, () => this.seal());
  }

  /**
   * Takes the folder, verifies the segment that was being written and goes on where it ends.
   *
   * @throws {LogFolderError} another process writes there, or the folder or a file cannot be used
   */
  static async open(options: FilePredictionLogOptions): Promise<FilePredictionLog> {
    const lock = await WriterLock.acquire(options.folder);
    try {
      const openFile = options.openFile ?? open;
      await removeSpaceProbes(options.folder);
      const repaired = await repairActiveSegment(options.folder, options.clock);
      const names = await listSealedSegments(options.folder);
      const sealed = names.map(({ name }) => LogSegment.sealed(join(options.folder, name), openFile));
      const found: FoundLog = {
        sealed,
        nextSequence: (names.at(-1)?.sequence ?? 0) + 1,
        activeLength: repaired.length,
        activeDay: repaired.lastId === undefined ? undefined : dayOf(timeOfId(repaired.lastId)),
      };
      const writer = await SegmentWriter.open(
        {
          folder: options.folder,
          durable: options.fsync === 'always',
          maxSegmentBytes: maxSegmentBytes(options),
          openFile,
        },
        found,
      );
      const ids = new RecordIdIssuer(options.clock, repaired.lastId ?? (await lastIdOf(sealed)));
      return new FilePredictionLog(options, lock, writer, ids, repaired.damagedLines);
    } catch (error) {
      await lock.release();
      if (error instanceof LogFolderError) throw error;
      throw openFailed(options.folder, error);
    }
  }

  /** @inheritDoc */
  async append<R extends LogRecord>(draft: RecordDraft<R>): Promise<R> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    // The types say so; a stored record handed in again would take its old place with it.
    if ('id' in draft || 'at' in draft)
      throw new TypeError('The log gives a record its id and time: pass none');
    const { id, at, milliseconds } = this.ids.next();
    // Where readers of predictions look to step over it, whatever the order of the draft's members.
    const first = 'audit' in draft ? { id, at, audit: draft.audit } : undefined;
    // V8 makes a dictionary of an object from two spreads, which costs more than all the rest here: not for decisions.
    const record = (first === undefined ? { id, at, ...draft } : { ...first, ...draft }) as unknown as R;
    return this.commits.add(JSON.stringify(record), dayOf(milliseconds), record);
  }

  /** @inheritDoc */
  get waiting(): number {
    return this.commits.waiting;
  }

  /** @inheritDoc */
  async probe(): Promise<LogState> {
    if (this.writeFailure !== undefined && this.fatal === undefined && this.closing === undefined) {
      const now = this.options.clock();
      // Also when the clock was set back.
      if (Math.abs(now - this.probedAt) >= PROBE_EVERY_MILLISECONDS) {
        this.probedAt = now;
        this.probing = this.tryWriting();
      }
      await this.probing;
    }
    const reason = this.refusal() ?? this.writeFailure;
    return {
      available: reason === undefined,
      ...(reason === undefined ? {} : { reason: reason.message }),
      waiting: this.commits.waiting,
      damagedLines: this.damagedLines,
    };
  }

  /**
   * Ends the segment being written and begins a new one, so that all that was kept before is in files which
   * this process does not write any more.
   *
   * @throws {LogUnavailableError} the log cannot be written
   */
  async seal(): Promise<void> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    await this.inTurn(() => this.writer.seal());
  }

  /** @inheritDoc */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    await this.sealRequests.stop();
    await this.commits.idle();
    await this.turn;
    try {
      await this.writer.close();
    } finally {
      await this.lock.release();
    }
  }

  /** Why nothing can be accepted now; undefined while it can. A failed write refuses nothing: the next is tried. */
  private refusal(): LogUnavailableError | undefined {
    if (this.fatal !== undefined) return this.fatal;
    if (this.closing !== undefined) return closedForWriting();
    return this.commits.isFull ? tooManyWaiting(this.commits.waiting, this.writer.path) : undefined;
  }

  private commit(lines: Buffer, day: number): Promise<void> {
    return this.inTurn(async () => {
      await this.writer.commit(lines, day);
      this.writeFailure = undefined;
    });
  }

  private inTurn(write: () => Promise<void>): Promise<void> {
    const done = this.turn.then(async () => {
      try {
        await write();
      } catch (error) {
        throw this.explain(error);
      }
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  private explain(error: unknown): LogUnavailableError {
    if (error instanceof SyncFailure) return this.giveUp(error);
    this.writeFailure = writeFailed(this.writer.path, error, !this.writer.hasUnacknowledgedTail);
    return this.writeFailure;
  }

  private giveUp(error: SyncFailure): LogUnavailableError {
    if (this.fatal !== undefined) return this.fatal;
    this.fatal = syncFailed(this.writer.path, error);
    this.options.onFatal(this.fatal);
    return this.fatal;
  }

  private async tryWriting(): Promise<void> {
    try {
      await probeSpace(this.options.folder);
      this.writeFailure = undefined;
    } catch (error) {
      this.explain(error);
    }
  }

  /** @inheritDoc */
  protected override async withSegments<T>(
    work: (segments: readonly LogSegment[]) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.closing !== undefined) throw closedForReading();
      try {
        return await work(this.writer.segments);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT' || attempt === MOST_READ_ATTEMPTS) throw error;
        await this.writer.forgetRemoved();
      }
    }
  }
}

function maxSegmentBytes(options: FilePredictionLogOptions): number {
  return options.maxSegmentBytes ?? MAX_SEGMENT_BYTES;
}
