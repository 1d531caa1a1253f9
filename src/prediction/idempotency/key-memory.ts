import { join } from 'node:path';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { errorCode } from '../../common/error-code';
import { CLOCK, type Clock } from '../../common/clock';
import { ReadinessConditions } from '../../common/readiness-conditions';
import { CONFIGURATION, type Configuration } from '../../config/configuration';
import { firstIdAt } from '../../logging/issue-record-id';
import { PREDICTION_LOG, type PredictionLog } from '../../logging/prediction-log';
import { type PredictionRecord } from '../../logging/prediction-record';
import { CheckpointFiles } from './checkpoint-files';
import { hashIdempotencyKey, KEY_KEPT_MS } from '../../logging/hash-idempotency-key';
import { KeyIndex, REMEMBERED_MS } from './key-index';
import { refuseKey, refuseKeyInFlight } from './refuse-key';

/** Folder of the index files, within the log's. */
const FOLDER = 'idempotency';

/**
 * A day of 58 keyed decisions a second, in 215 MB. More are refused: forgetting one early would risk a second
 * decision.
 */
const MOST_KEYS = 5_000_000;

/** A start reads so much of the log at most, if the service was killed. */
const CHECKPOINT_EVERY_MS = 60_000;

/** The log is read in pages of so many records, each a few milliseconds of work with requests in between. */
const RECORDS_A_PAGE = 500;

/** A start that is killed while it reads a long log goes on from here, not from the beginning. */
const PAGES_A_CHECKPOINT = 100;

/** Disks that fail come back when somebody looks at them. */
const RETRY_REBUILD_MS = 10_000;

const RETRY_AFTER_SECONDS = {
  /** After a clean stop the index is read at once, after a kill within seconds. */
  incomplete: 2,
  /** Keys leave memory hour by hour. */
  full: 600,
} as const;

/**
 * Remembers for 24 hours which record stands for a key, across restarts and kills.
 *
 * The log is the truth: every decision that was made under a key has the key in its record. What is kept here is
 * an index of it in memory, checkpointed to files every minute, and completed from the log at start. That
 * happens beside the start; until it is done, keys are refused rather than risked.
 */
@Injectable()
export class KeyMemory implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyMemory.name);
  private readonly folder: string;
  private readonly files: CheckpointFiles;
  private index = new KeyIndex();
  /** Requests that are deciding under a key; they never reject. */
  private readonly inFlight = new Map<string, Promise<void>>();
  /** The index holds the keys of all records up to this one. */
  private through = '';
  private complete = false;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(PREDICTION_LOG) private readonly log: PredictionLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIGURATION) { log: { folder } }: Pick<Configuration, 'log'>,
    private readonly readiness: ReadinessConditions,
  ) {
    this.folder = join(folder, FOLDER);
    this.files = new CheckpointFiles(this.folder);
  }

  /** Begins to complete the index. The start does not wait for it; load balancers do. */
  onModuleInit(): void {
    this.readiness.add(() =>
      this.complete || this.stopping
        ? undefined
        : 'It is still being read which idempotency keys were used before the start; requests with a key get 503.',
    );
    this.running = this.rebuild();
  }

  /** Leaves the next start nothing to read but what comes after. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.running;
    if (this.complete) await this.checkpoint();
  }

  /** Resolves when the index is complete, or could not be completed for now. */
  async settled(): Promise<void> {
    await this.running;
  }

  /**
   * The record that stands for a key, by its id.
   *
   * @throws {ProblemException} 503 while the index is not complete
   */
  find(hash: Buffer): string | undefined {
    if (!this.complete) {
      throw refuseKey(
        'idempotency-unavailable',
        'The service is still reading which keys were used before it started. Send it again with the same key.',
        RETRY_AFTER_SECONDS.incomplete,
      );
    }
    return this.index.find(hash, this.clock());
  }

  /**
   * Decides under a key that nothing stands for, and remembers it. Call it in the same turn as `find`: the first
   * of many requests takes the key at once. A decision that fails leaves the key free.
   *
   * @throws {ProblemException} 409 while another request decides under this key; 503 when memory is full
   */
  async decideUnder<T extends { readonly id: string }>(hash: Buffer, decide: () => Promise<T>): Promise<T> {
    const place = hash.toString('latin1');
    if (this.inFlight.has(place)) throw refuseKeyInFlight();
    if (this.index.size + this.inFlight.size >= MOST_KEYS) {
      throw refuseKey(
        'idempotency-unavailable',
        `More than ${MOST_KEYS} keys were used within a day. Send it again later, or without a key.`,
        RETRY_AFTER_SECONDS.full,
      );
    }
    const decided = decide().then((answer) => {
      this.index.add(hash, answer.id);
      return answer;
    });
    const ended = decided.then(ignore, ignore).then(() => {
      this.inFlight.delete(place);
    });
    this.inFlight.set(place, ended);
    return decided;
  }

  /**
   * Appends the keys since the last checkpoint to the index files. Failing costs the next start some reading, so
   * it is logged and no more.
   */
  async checkpoint(): Promise<void> {
    try {
      const { records } = await this.log.read({ order: 'newest-first', limit: 1 });
      // Their records may be in the log already, and their keys not yet in the index.
      await Promise.all(this.inFlight.values());
      await this.keepUpTo(records[0]?.id ?? '');
      this.index.dropOld(this.clock());
      await this.files.removeOld(this.clock());
    } catch (error) {
      this.warn('the index of idempotency keys could not be kept: a restart reads more of the log', error);
    }
  }

  private async keepUpTo(id: string): Promise<void> {
    if (id <= this.through) return;
    const { entries, markWritten } = this.index.unwritten();
    await this.files.append({ after: this.through, through: id }, entries);
    markWritten();
    this.through = id;
  }

  private async rebuild(): Promise<void> {
    try {
      await this.loadFiles();
      await this.readLog();
      this.complete = !this.stopping;
    } catch (error) {
      this.warn(
        `the index of idempotency keys could not be read: requests with a key get 503 until it is`,
        error,
      );
      this.again(RETRY_REBUILD_MS, () => this.rebuild());
      return;
    }
    if (this.complete) await this.checkpointAndGoOn();
  }

  private async checkpointAndGoOn(): Promise<void> {
    await this.checkpoint();
    this.again(CHECKPOINT_EVERY_MS, () => this.checkpointAndGoOn());
  }

  private again(afterMs: number, work: () => Promise<void>): void {
    if (this.stopping) return;
    this.timer = setTimeout(() => {
      this.running = work();
    }, afterMs).unref();
  }

  private async loadFiles(): Promise<void> {
    const now = this.clock();
    const oldest = firstIdAt(Math.max(0, now - REMEMBERED_MS));
    this.index = new KeyIndex();
    const through = await this.files.load(firstIdAt(Math.max(0, now - KEY_KEPT_MS)), (entries) => {
      this.index.addWritten(entries);
    });
    // A log that was put back from a copy, or cut by a power failure, goes another way from somewhere before.
    if (through !== undefined && through >= oldest && (await this.log.find(through)) !== undefined) {
      this.through = through;
      return;
    }
    this.index = new KeyIndex();
    await this.files.removeAll();
    this.through = oldest;
  }

  private async readLog(): Promise<void> {
    let after = this.through;
    for (let page = 1; !this.stopping; page += 1) {
      const { records, more } = await this.log.read({ after, limit: RECORDS_A_PAGE });
      for (const record of records) this.addRecord(record);
      after = records.at(-1)?.id ?? after;
      if (!more) return;
      if (page % PAGES_A_CHECKPOINT === 0) await this.keepUpTo(after);
    }
  }

  private addRecord(record: PredictionRecord): void {
    const { idempotencyKey } = record;
    if (idempotencyKey === undefined || !('decision' in record)) return;
    this.index.add(hashIdempotencyKey({ ...record, idempotencyKey }), record.id);
  }

  private warn(msg: string, error: unknown): void {
    const err = error instanceof Error ? error.message : undefined;
    this.logger.warn({ msg, folder: this.folder, code: errorCode(error), err });
  }
}

function ignore(): void {
  // Whoever asked for the decision gets its error.
}
