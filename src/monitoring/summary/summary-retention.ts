import { DAY_MS, HOUR_MS, STEPS_KEPT_MS, startOfStep } from './time-steps';

/** Raw values are kept a week beyond the drift window, for windows that were missed meanwhile. */
const SAMPLES_KEPT_BEYOND_WINDOW_MS = 7 * DAY_MS;

/** Starts of the oldest steps that stay, milliseconds since the epoch. */
export interface OldestKept {
  /** By the hour that the minutes are in. */
  readonly minutes: number;
  readonly hours: number;
  readonly days: number;
  readonly samples: number;
}

/** For how long summaries and raw values are kept: the same wherever they are. */
export class SummaryRetention {
  /**
   * @param windowHours of drift reports
   * @param retentionDays of records, and of what is made from them
   */
  constructor(
    private readonly windowHours: number,
    private readonly retentionDays: number,
  ) {}

  /** How long summaries of days are kept. */
  get daysMs(): number {
    return this.retentionDays * DAY_MS;
  }

  /** Whether raw values of an hour are still of use. */
  keepsSampleOf(hourMs: number, nowMs: number): boolean {
    return hourMs >= nowMs - this.samplesMs;
  }

  /** @param hourMs the newest hour that was kept: it stays, however old it is, as it says where to go on reading */
  findOldestKept(hourMs: number, nowMs: number): OldestKept {
    return {
      minutes: startOfStep(nowMs - STEPS_KEPT_MS.minute, HOUR_MS),
      hours: hourMs - STEPS_KEPT_MS.hour,
      days: hourMs - this.daysMs,
      samples: nowMs - this.samplesMs,
    };
  }

  /** How long raw values of an hour are kept: never longer than the records themselves. */
  private get samplesMs(): number {
    return Math.min(this.windowHours * HOUR_MS + SAMPLES_KEPT_BEYOND_WINDOW_MS, this.daysMs);
  }
}
