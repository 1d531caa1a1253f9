import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Clock } from '../common/clock';
import { type LogOutage } from './log-outage';
import { type LogUnavailableError, type PredictionLogReader } from './prediction-log';

/** Costs an idle log in PostgreSQL one question, a busy one and files nothing. */
const LOOK_EVERY_MS = 1000;

/** An outage that lasts is told again: the first line may be far up, and a kill must not lose the count. */
const REMIND_EVERY_MS = 60_000;

/** Half an hour of a log that comes and goes as fast as it is looked at; what is older is forgotten. */
const MOST_OUTAGES = 1000;

/** Each look at a volume writes to it. */
const VOLUME_EVERY_MS = 15_000;

const SERVER_ERROR = 500;

const WORDS = {
  writer: {
    begins: 'the prediction log cannot be written: no decision is made until it can',
    lasts: 'the prediction log still cannot be written: no decision is made until it can',
    ends: 'the prediction log is written again',
  },
  reader: {
    begins: 'the prediction log cannot be used: figures stand still until it can',
    lasts: 'the prediction log still cannot be used: figures stand still until it can',
    ends: 'the prediction log can be used again',
  },
} as const;

/**
 * Watches whether this process can use the prediction log, whatever its roles and whether or not anybody asks: a
 * worker has no caller who would see a 503. One line in the application log tells the beginning of an outage and why,
 * one its end and how many answers left no record, and one a minute that it lasts.
 *
 * It also remembers outages, as the log itself can say nothing of the time in which it could not be written.
 */
export class LogWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(LogWatch.name);
  private readonly words: (typeof WORDS)['writer' | 'reader'];
  /** Oldest first; only the last one can be under way. */
  private outages: readonly LogOutage[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private failedSinceLook = false;
  private toldAtMs = 0;
  private stopped = false;
  private volumeProblem: string | undefined;
  private volumeSeenAt = -Infinity;

  /**
   * @param clock milliseconds since the epoch
   * @param findVolumeProblem why another process cannot write the log, where this one can tell
   */
  constructor(
    private readonly log: PredictionLogReader,
    private readonly clock: Clock,
    private readonly findVolumeProblem?: () => Promise<string | undefined>,
  ) {
    this.words = 'append' in log ? WORDS.writer : WORDS.reader;
  }

  /** Looks every second; keeps no process alive. */
  onModuleInit(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /** A log that is closed because the process stops is no outage. */
  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.stopped = true;
  }

  /** One look; a call while one is under way shares it. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /**
   * Takes note that an answer left no record.
   *
   * @param status of the answer
   * @param error why it could not be recorded
   */
  noteUnrecorded(status: number, error: LogUnavailableError): void {
    if (this.stopped) return;
    this.failedSinceLook = true;
    const { unrecorded, ...outage } = this.current ?? this.begin(error.message);
    this.replaceLast({
      ...outage,
      unrecorded: {
        answers: unrecorded.answers + 1,
        failed: unrecorded.failed + (status >= SERVER_ERROR ? 1 : 0),
      },
    });
  }

  /** Outages of which any part lies between two moments, the one under way included; oldest first. */
  outagesBetween(fromMs: number, toMs: number): readonly LogOutage[] {
    return this.outages.filter(
      ({ sinceMs, untilMs }) => sinceMs <= toMs && (untilMs === null || untilMs >= fromMs),
    );
  }

  /** The outage under way; undefined while the log can be used. */
  get current(): LogOutage | undefined {
    const last = this.outages.at(-1);
    return last?.untilMs === null ? last : undefined;
  }

  private async lookOnce(): Promise<void> {
    const reason = await this.findReason();
    if (this.stopped) return;
    const { current } = this;
    if (reason !== undefined) {
      if (current === undefined) this.begin(reason);
      else this.goOn({ ...current, reason });
    } else if (current !== undefined && !this.failedSinceLook) {
      this.end(current);
    }
    this.failedSinceLook = false;
  }

  private async findReason(): Promise<string | undefined> {
    try {
      const { available, reason } = await this.log.probe();
      return available ? await this.lookAtVolume() : (reason ?? 'The reason is not known');
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async lookAtVolume(): Promise<string | undefined> {
    if (this.findVolumeProblem === undefined) return undefined;
    if (performance.now() - this.volumeSeenAt >= VOLUME_EVERY_MS) {
      this.volumeSeenAt = performance.now();
      this.volumeProblem = await this.findVolumeProblem();
    }
    return this.volumeProblem;
  }

  private begin(reason: string): LogOutage {
    const outage: LogOutage = {
      sinceMs: this.clock(),
      untilMs: null,
      reason,
      unrecorded: { answers: 0, failed: 0 },
    };
    this.outages = [...this.outages, outage].slice(-MOST_OUTAGES);
    this.toldAtMs = performance.now();
    this.logger.error({ msg: this.words.begins, reason });
    return outage;
  }

  private goOn(outage: LogOutage): void {
    this.replaceLast(outage);
    if (performance.now() - this.toldAtMs < REMIND_EVERY_MS) return;
    this.toldAtMs = performance.now();
    this.logger.error({
      msg: this.words.lasts,
      reason: outage.reason,
      ...describeOutage(outage, this.clock()),
    });
  }

  private end(outage: LogOutage): void {
    const untilMs = this.clock();
    this.replaceLast({ ...outage, untilMs });
    this.logger.warn({
      msg: this.words.ends,
      ...describeOutage(outage, untilMs),
    });
  }

  private replaceLast(outage: LogOutage): void {
    this.outages = [...this.outages.slice(0, -1), outage];
  }
}

function describeOutage({ sinceMs, unrecorded }: LogOutage, nowMs: number): object {
  return {
    since: new Date(sinceMs).toISOString(),
    seconds: Math.round((nowMs - sinceMs) / 1000),
    answersWithoutRecord: unrecorded.answers,
  };
}
