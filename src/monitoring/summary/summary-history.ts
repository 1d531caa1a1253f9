import { timeOfId } from '../../logging/issue-record-id';
import { type PredictionRecord } from '../../logging/prediction-record';
import { type Span } from '../span';
import { type SummaryLevel } from '../traffic';
import { type CountedModel, Summary } from './summary';
import { type StoredHistory } from './stored-history';
import { type FinishedHour, type SummaryStore } from './summary-store';
import { DAY_MS, HOUR_MS, STEPS_KEPT_MS, LEVEL_MS, MINUTE_MS, startOfStep } from './time-steps';
import { StoredSampleError, ValueSample } from './value-sample';

/** A step whose records are still coming in. */
interface OpenStep {
  readonly startMs: number;
  readonly summary: Summary;
}

/** A finished hour that is not kept yet. */
interface UnsavedHour {
  readonly finished: Omit<FinishedHour, 'sample'>;
  /** Undefined when too many wait: the log has the values too. */
  sample: ValueSample | undefined;
}

/** While the disk fails, raw values of so many decisions wait in memory: some 80 MB of a model with 24 inputs. */
const MOST_UNSAVED_ROWS = 400_000;

/** What the history holds of an hour, for drift windows. */
export interface HourOfHistory {
  readonly summary: Summary;
  /** Undefined when its raw values are not kept any more, or were counted for another model. */
  readonly sample: ValueSample | undefined;
  readonly damagedLines: number;
}

/**
 * The summaries of minutes, hours and days, and the raw values of the open hour.
 *
 * Records come in the order of the log, which is the order of time: a step is finished when a record of a
 * later one comes. A finished minute is merged into its hour, a finished hour into its day and then kept in the
 * store. After a restart the open hour is read from the log again. Memory is bounded by the steps that are
 * kept, whatever the length of the log.
 */
export class SummaryHistory {
  /** The last record that was added; undefined before the first. */
  lastId: string | undefined;
  firstRecordAtMs: number | undefined;
  private readonly finished: Readonly<Record<SummaryLevel, Map<number, Summary>>> = {
    minute: new Map(),
    hour: new Map(),
    day: new Map(),
  };
  private readonly damagedLines = new Map<number, number>();
  private open: Readonly<Record<SummaryLevel, OpenStep>> | undefined;
  private readonly unsaved: UnsavedHour[] = [];
  private openSample: ValueSample;
  private openDamagedLines = 0;

  constructor(
    private readonly model: CountedModel,
    private readonly store: SummaryStore,
    private readonly nowMs: () => number,
  ) {
    this.openSample = new ValueSample(model.layout);
  }

  /** Takes up what was kept. */
  restore({ minutes, hours, days }: StoredHistory): void {
    const lastHourMs = Math.max(...hours.keys());
    for (const [startMs, stored] of minutes) {
      this.finished.minute.set(startMs, Summary.restore(stored, this.model));
    }
    for (const [startMs, stored] of days) {
      // The last day's file may hold an hour more than was said to be kept.
      if (startMs + DAY_MS <= lastHourMs) this.finished.day.set(startMs, Summary.restore(stored, this.model));
    }
    const wholeDays = new Set(this.finished.day.keys());
    for (const [startMs, stored] of hours) {
      const summary = Summary.restore(stored.summary, this.model);
      this.finished.hour.set(startMs, summary);
      this.damagedLines.set(startMs, stored.damagedLines);
      const dayMs = startOfStep(startMs, DAY_MS);
      if (wholeDays.has(dayMs)) continue;
      const day = this.finished.day.get(dayMs) ?? new Summary(this.model);
      day.merge(summary);
      this.finished.day.set(dayMs, day);
    }
    const last = hours.get(lastHourMs);
    this.lastId = last?.lastId;
    this.firstRecordAtMs = last?.firstRecordAtMs;
  }

  /**
   * Adds records, in the order of the log.
   *
   * @param damagedLines met on the way to them
   */
  add(records: readonly PredictionRecord[], damagedLines: number): void {
    for (const record of records) {
      const atMs = timeOfId(record.id);
      if (this.open === undefined || atMs >= this.open.minute.startMs + MINUTE_MS) this.enter(atMs);
      this.open?.minute.summary.add(record);
      if ('decision' in record && record.model.sha256 === this.model.sha256 && record.erased === undefined) {
        this.openSample.add(record);
      }
      this.lastId = record.id;
      this.firstRecordAtMs ??= atMs;
    }
    this.openDamagedLines += damagedLines;
  }

  /** Writes what is finished and not yet kept. When it fails nothing is lost: the next call goes on where it stopped. */
  async save(): Promise<void> {
    for (let hour = this.unsaved[0]; hour !== undefined; hour = this.unsaved[0]) {
      const { startMs } = hour.finished;
      const now = this.nowMs();
      const sample = this.store.retention.keepsSampleOf(startMs, now) ? hour.sample : undefined;
      await this.store.keep({ ...hour.finished, sample: sample?.store(this.model.sha256) });
      this.unsaved.shift();
      await this.store.removeOld(startMs, now);
    }
  }

  /** Summaries of a span's steps that have records, by their start; one still coming in is as it is now. */
  steps(level: SummaryLevel, span: Span): Map<number, Summary> {
    const steps = new Map<number, Summary>();
    const stepMs = LEVEL_MS[level];
    for (let startMs = startOfStep(span.fromMs, stepMs); startMs < span.toMs; startMs += stepMs) {
      const summary = this.step(level, startMs);
      if (summary) steps.set(startMs, summary);
    }
    return steps;
  }

  /** Whether a span's minutes are kept. */
  keepsMinutesOf({ fromMs }: Span): boolean {
    return fromMs >= this.nowMs() - STEPS_KEPT_MS.minute;
  }

  /** Whether a span's hours are kept, unless they have no records. */
  keepsHoursOf({ fromMs }: Span): boolean {
    return fromMs >= this.nowMs() - STEPS_KEPT_MS.hour;
  }

  /** One hour with its raw values; undefined when it has no records. */
  async hour(startMs: number): Promise<HourOfHistory | undefined> {
    const summary = this.step('hour', startMs);
    if (summary === undefined) return undefined;
    if (this.open?.hour.startMs === startMs) {
      return { summary, sample: this.openSample, damagedLines: this.openDamagedLines };
    }
    const unsaved = this.unsaved.find(({ finished }) => finished.startMs === startMs);
    const sample = unsaved ? unsaved.sample : await this.readSample(startMs);
    return { summary, sample, damagedLines: this.damagedLines.get(startMs) ?? 0 };
  }

  private step(level: SummaryLevel, startMs: number): Summary | undefined {
    const { open } = this;
    const finished = this.finished[level].get(startMs);
    if (open?.[level].startMs !== startMs) return finished;
    const parts = [open[level]];
    if (level !== 'minute') parts.push(open.minute);
    if (level === 'day') parts.push(open.hour);
    const summary = new Summary(this.model);
    for (const part of parts) summary.merge(part.summary);
    return summary;
  }

  /** Makes the steps of a time the open ones. */
  private enter(atMs: number): void {
    const hourMs = startOfStep(atMs, HOUR_MS);
    if (this.open !== undefined) {
      this.finishMinute(this.open);
      if (this.open.hour.startMs !== hourMs) this.finishHour(this.open);
    }
    this.open = {
      minute: this.begin(startOfStep(atMs, MINUTE_MS)),
      hour: this.open?.hour.startMs === hourMs ? this.open.hour : this.begin(hourMs),
      day: this.openDay(startOfStep(atMs, DAY_MS)),
    };
  }

  private finishMinute({ minute, hour }: Readonly<Record<SummaryLevel, OpenStep>>): void {
    hour.summary.merge(minute.summary);
    if (this.keepsMinutesOf({ fromMs: minute.startMs, toMs: minute.startMs })) {
      this.finished.minute.set(minute.startMs, minute.summary);
    }
  }

  private finishHour({ hour, day }: Readonly<Record<SummaryLevel, OpenStep>>): void {
    const { startMs } = hour;
    day.summary.merge(hour.summary);
    this.finished.hour.set(startMs, hour.summary);
    this.damagedLines.set(startMs, this.openDamagedLines);
    const minutes = [...this.finished.minute].filter(
      ([minuteMs]) => startOfStep(minuteMs, HOUR_MS) === startMs,
    );
    this.unsaved.push({
      sample: this.openSample,
      finished: {
        startMs,
        minutes: {
          format: 'log-summary/1',
          minutes: minutes.map(([minuteMs, summary]) => [minuteMs, summary.store()] as const),
        },
        dayMs: startOfStep(startMs, DAY_MS),
        day: { format: 'log-summary/1', summary: day.summary.store() },
        hour: {
          format: 'log-summary/1',
          lastId: this.lastId ?? '',
          firstRecordAtMs: this.firstRecordAtMs ?? startMs,
          damagedLines: this.openDamagedLines,
          summary: hour.summary.store(),
        },
      },
    });
    this.dropSurplusSamples();
    this.openSample = new ValueSample(this.model.layout);
    this.openDamagedLines = 0;
    this.forgetOld(startMs);
  }

  /** The day's summary up to the open hour. */
  private openDay(startMs: number): OpenStep {
    if (this.open?.day.startMs === startMs) return this.open.day;
    if (this.open !== undefined) this.finished.day.set(this.open.day.startMs, this.open.day.summary);
    const begun = this.finished.day.get(startMs);
    this.finished.day.delete(startMs);
    return begun ? { startMs, summary: begun } : this.begin(startMs);
  }

  /** Raw values of a finished hour; undefined when they are not kept, are damaged, or are another model's. */
  private async readSample(startMs: number): Promise<ValueSample | undefined> {
    const bytes = await this.store.readSample(startMs);
    if (bytes === undefined) return undefined;
    try {
      return ValueSample.restore(bytes, this.model.sha256, this.model.layout);
    } catch (error) {
      if (error instanceof StoredSampleError) return undefined;
      throw error;
    }
  }

  /** The oldest first: the log has their values too. */
  private dropSurplusSamples(): void {
    let rows = 0;
    for (const hour of this.unsaved.toReversed()) {
      rows += hour.sample?.rows ?? 0;
      if (rows > MOST_UNSAVED_ROWS) hour.sample = undefined;
    }
  }

  private forgetOld(hourMs: number): void {
    const oldestMinute = this.nowMs() - STEPS_KEPT_MS.minute;
    for (const startMs of this.finished.minute.keys()) {
      if (startMs < oldestMinute) this.finished.minute.delete(startMs);
    }
    const oldestHour = hourMs - STEPS_KEPT_MS.hour;
    for (const startMs of this.finished.hour.keys()) {
      if (startMs >= oldestHour) break;
      this.finished.hour.delete(startMs);
      this.damagedLines.delete(startMs);
    }
    const oldestDay = hourMs - this.store.retention.daysMs;
    for (const startMs of this.finished.day.keys()) {
      if (startMs < oldestDay) this.finished.day.delete(startMs);
    }
  }

  private begin(startMs: number): OpenStep {
    return { startMs, summary: new Summary(this.model) };
  }
}
