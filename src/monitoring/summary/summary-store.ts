import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StoredSummary } from './summary';
import { DAY_MS, HOUR_MS, KEPT_MS, startOfStep } from './time-steps';

/** A finished hour as it is kept; everything before its end is kept too when it is. */
export interface StoredHour {
  readonly format: 'log-summary/1';
  /** The last record that is in it: reading goes on behind. */
  readonly lastId: string;
  /** Time of the log's first record. */
  readonly firstRecordAtMs: number;
  /** Damaged lines met while reading the records of this hour. */
  readonly damagedLines: number;
  readonly summary: StoredSummary;
}

/** The finished minutes of an hour, by their start. */
export interface StoredMinutes {
  readonly format: 'log-summary/1';
  readonly minutes: readonly (readonly [startMs: number, summary: StoredSummary])[];
}

/** A finished day. */
export interface StoredDay {
  readonly format: 'log-summary/1';
  readonly summary: StoredSummary;
}

/** All that was kept, by the start of the step. */
export interface StoredHistory {
  readonly minutes: ReadonlyMap<number, StoredSummary>;
  readonly hours: ReadonlyMap<number, StoredHour>;
  readonly days: ReadonlyMap<number, StoredSummary>;
}

const FOLDERS = { minutes: 'minutes', hours: 'hours', days: 'days', samples: 'samples' } as const;

/** Raw values are kept a week beyond the drift window, for windows that were missed meanwhile. */
const SAMPLES_KEPT_BEYOND_WINDOW_MS = 7 * DAY_MS;

/** Stands in place of an hour's raw values once a client of that hour was erased: they are read from the log. */
const ERASED_SAMPLE = Buffer.from('erased\n');

/** Files read at a time at start: enough to hide the disk's latency. */
const READ_AT_ONCE = 32;

/**
 * Summaries of finished hours and days as files. They repeat what is in the log, so a damaged one costs
 * reading that part of the log again and nothing else; the hour's file is written last and says that the
 * rest is there.
 */
export class SummaryStore {
  constructor(
    private readonly folder: string,
    private readonly windowHours: number,
    private readonly retentionDays: number,
  ) {}

  /** How long summaries of days are kept. */
  get retentionMs(): number {
    return this.retentionDays * DAY_MS;
  }

  /** How long raw values of an hour are kept: never longer than the records themselves. */
  private get samplesKeptMs(): number {
    return Math.min(this.windowHours * HOUR_MS + SAMPLES_KEPT_BEYOND_WINDOW_MS, this.retentionMs);
  }

  /** Makes the folders. */
  async open(): Promise<void> {
    for (const name of Object.values(FOLDERS)) await mkdir(join(this.folder, name), { recursive: true });
  }

  /** Reads all summaries. From the first damaged hour on, hours are left out, so that they are read from the log again. */
  async load(nowMs: number): Promise<StoredHistory> {
    const hours = new Map<number, StoredHour>();
    for (const [startMs, hour] of await this.readAll<StoredHour>('hours')) {
      if (hour === undefined) break;
      hours.set(startMs, hour);
    }
    const end = Math.max(...hours.keys(), Number.NEGATIVE_INFINITY) + HOUR_MS;
    const minutes = new Map<number, StoredSummary>();
    for (const [hourMs, stored] of await this.readAll<StoredMinutes>('minutes')) {
      if (hourMs >= end || hourMs < nowMs - KEPT_MS.minute) continue;
      for (const [startMs, summary] of stored?.minutes ?? []) minutes.set(startMs, summary);
    }
    const days = new Map<number, StoredSummary>();
    for (const [startMs, stored] of await this.readAll<StoredDay>('days')) {
      if (stored !== undefined) days.set(startMs, stored.summary);
    }
    return { minutes, hours, days };
  }

  async keepDay(startMs: number, day: StoredDay): Promise<void> {
    await this.write('days', nameOfDay(startMs), JSON.stringify(day));
  }

  async keepMinutes(hourMs: number, minutes: StoredMinutes): Promise<void> {
    await this.write('minutes', nameOfHour(hourMs), JSON.stringify(minutes));
  }

  /** Keeps raw values of an hour, unless somebody of that hour was erased meanwhile: they were gathered before. */
  async keepSample(hourMs: number, sample: Buffer): Promise<void> {
    if ((await this.readSample(hourMs))?.equals(ERASED_SAMPLE) === true) return;
    await this.write('samples', nameOfHour(hourMs), sample);
  }

  /**
   * Removes the raw values of hours, and sees to it that they are not kept later either: an hour that is still open
   * in another process has them in memory. A row could be found by the id of its record, which stays.
   *
   * @param timesMs any times within these hours
   */
  async eraseSamples(timesMs: readonly number[]): Promise<void> {
    await mkdir(join(this.folder, FOLDERS.samples), { recursive: true });
    for (const hourMs of new Set(timesMs.map((timeMs) => startOfStep(timeMs, HOUR_MS)))) {
      await this.write('samples', nameOfHour(hourMs), ERASED_SAMPLE);
    }
  }

  /** Says that the hour and all before it are kept: call it last. */
  async keepHour(startMs: number, hour: StoredHour): Promise<void> {
    await this.write('hours', nameOfHour(startMs), JSON.stringify(hour));
  }

  /** Whether raw values of an hour are still of use. */
  keepsSampleOf(hourMs: number, nowMs: number): boolean {
    return hourMs >= nowMs - this.samplesKeptMs;
  }

  /** Raw values of an hour; undefined when there are none. */
  async readSample(hourMs: number): Promise<Buffer | undefined> {
    return readIfThere(join(this.folder, FOLDERS.samples, nameOfHour(hourMs)));
  }

  /**
   * Removes what is older than it is kept. Cost: one listing a folder.
   *
   * @param hourMs the newest hour that was kept: it stays, however old it is, as it says where to go on reading
   */
  async removeOld(hourMs: number, nowMs: number): Promise<void> {
    const oldest = {
      minutes: startOfStep(nowMs - KEPT_MS.minute, HOUR_MS),
      hours: hourMs - KEPT_MS.hour,
      days: hourMs - this.retentionMs,
      samples: nowMs - this.samplesKeptMs,
    };
    for (const kind of ['minutes', 'hours', 'days', 'samples'] as const) {
      for (const name of await readdir(join(this.folder, FOLDERS[kind]))) {
        const startMs = timeOfName(name);
        // A file that was not renamed yet when the process was killed has no such name.
        if (startMs === undefined || startMs < oldest[kind]) {
          await rm(join(this.folder, FOLDERS[kind], name), { force: true });
        }
      }
    }
  }

  /** Oldest first; undefined stands for a file that cannot be understood. */
  private async readAll<T extends { readonly format: string }>(
    kind: 'minutes' | 'hours' | 'days',
  ): Promise<(readonly [startMs: number, content: T | undefined])[]> {
    const folder = join(this.folder, FOLDERS[kind]);
    const names = (await readdir(folder)).filter((name) => timeOfName(name) !== undefined).sort();
    const read: (readonly [number, T | undefined])[] = [];
    for (let from = 0; from < names.length; from += READ_AT_ONCE) {
      const files = names.slice(from, from + READ_AT_ONCE);
      const contents = await Promise.all(files.map((name) => readIfThere(join(folder, name))));
      for (const [index, name] of files.entries()) {
        read.push([timeOfName(name) ?? 0, parseStored(contents[index]) as T | undefined]);
      }
    }
    return read;
  }

  /** Readers meet the old content or the new, never a part; a crash may leave neither, see `load`. */
  private async write(kind: keyof typeof FOLDERS, name: string, content: string | Buffer): Promise<void> {
    const path = join(this.folder, FOLDERS[kind], name);
    try {
      await writeFile(`${path}.tmp`, content);
      await rename(`${path}.tmp`, path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new Error(
        `${path}: cannot be written (${code}). Look at its volume and its rights; summaries are kept as soon as it works again.`,
        { cause: error },
      );
    }
  }
}

function nameOfHour(startMs: number): string {
  return new Date(startMs).toISOString().slice(0, 'yyyy-mm-ddThh'.length);
}

function nameOfDay(startMs: number): string {
  return new Date(startMs).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

function timeOfName(name: string): number | undefined {
  const [, day, hour = '00'] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}))?$/.exec(name) ?? [];
  return day === undefined ? undefined : Date.parse(`${day}T${hour}:00:00Z`);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What this program wrote is taken as it is: a file that was cut off is no JSON any more. */
function parseStored(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    const content = JSON.parse(bytes.toString('utf8')) as { readonly format?: unknown } | null;
    return content?.format === 'log-summary/1' ? content : undefined;
  } catch {
    return undefined;
  }
}
