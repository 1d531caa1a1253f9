import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { assembleHistory, type StoredHistory, type StoredStep } from './stored-history';
import { type SummaryRetention } from './summary-retention';
import { ERASED_SAMPLE, type FinishedHour, type SummaryStore } from './summary-store';
import { HOUR_MS, startOfStep } from './time-steps';

const KINDS = ['minutes', 'hours', 'days', 'samples'] as const;

/** Of files; also the name of their folder. */
type Kind = (typeof KINDS)[number];

/** Files read at a time at start: enough to hide the disk's latency. */
const READ_AT_ONCE = 32;

/** Summaries as files, one a step. The hour's file is written last and says that the rest is there. */
export class FileSummaryStore implements SummaryStore {
  /** @param folder made when it is first loaded from or written to */
  constructor(
    private readonly folder: string,
    readonly retention: SummaryRetention,
  ) {}

  /** @inheritDoc */
  async load(nowMs: number): Promise<StoredHistory> {
    // Only here: a folder that is gone later is a volume that is gone.
    for (const kind of KINDS) await mkdir(join(this.folder, kind), { recursive: true });
    const kept = {
      hours: await this.readAll('hours'),
      minutes: await this.readAll('minutes'),
      days: await this.readAll('days'),
    };
    return assembleHistory(kept, nowMs);
  }

  /** @inheritDoc */
  async keep({ startMs, hour, minutes, dayMs, day, sample }: FinishedHour): Promise<void> {
    if (sample && (await this.readSample(startMs))?.equals(ERASED_SAMPLE) !== true) {
      await this.write('samples', nameOfHour(startMs), sample);
    }
    if (minutes.minutes.length > 0) {
      await this.write('minutes', nameOfHour(startMs), JSON.stringify(minutes));
    }
    await this.write('days', nameOfDay(dayMs), JSON.stringify(day));
    await this.write('hours', nameOfHour(startMs), JSON.stringify(hour));
  }

  /** @inheritDoc */
  async readSample(hourMs: number): Promise<Buffer | undefined> {
    return readIfThere(join(this.folder, 'samples', nameOfHour(hourMs)));
  }

  /** @inheritDoc */
  async eraseSamples(timesMs: readonly number[]): Promise<void> {
    await mkdir(join(this.folder, 'samples'), { recursive: true });
    for (const hourMs of new Set(timesMs.map((timeMs) => startOfStep(timeMs, HOUR_MS)))) {
      await this.write('samples', nameOfHour(hourMs), ERASED_SAMPLE);
    }
  }

  /** @inheritDoc Cost: one listing a folder. */
  async removeOld(hourMs: number, nowMs: number): Promise<void> {
    const oldest = this.retention.findOldestKept(hourMs, nowMs);
    for (const kind of KINDS) {
      for (const name of await listIfThere(join(this.folder, kind))) {
        const startMs = timeOfName(name);
        // A file that was not renamed yet when the process was killed has no such name.
        if (startMs === undefined || startMs < oldest[kind]) {
          await rm(join(this.folder, kind, name), { force: true });
        }
      }
    }
  }

  /** @inheritDoc */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Oldest first. */
  private async readAll(kind: Kind): Promise<readonly StoredStep[]> {
    const folder = join(this.folder, kind);
    const names = (await readdir(folder)).filter((name) => timeOfName(name) !== undefined).sort();
    const read: StoredStep[] = [];
    for (let from = 0; from < names.length; from += READ_AT_ONCE) {
      const files = names.slice(from, from + READ_AT_ONCE);
      const contents = await Promise.all(files.map((name) => readIfThere(join(folder, name))));
      for (const [index, name] of files.entries()) read.push([timeOfName(name) ?? 0, contents[index]]);
    }
    return read;
  }

  /** Readers meet the old content or the new, never a part; a crash may leave neither, see `load`. */
  private async write(kind: Kind, name: string, content: string | Buffer): Promise<void> {
    const path = join(this.folder, kind, name);
    try {
      await writeFile(`${path}.tmp`, content);
      await rename(`${path}.tmp`, path);
    } catch (error) {
      throw new Error(
        `${path}: cannot be written (${errorCode(error)}). Look at its volume and its rights; summaries are kept as soon as it works again.`,
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
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function listIfThere(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
