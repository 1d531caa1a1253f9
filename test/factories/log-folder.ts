import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilePredictionLog, type FilePredictionLogOptions } from '../../src/logging/file/file-prediction-log';
import { ACTIVE_SEGMENT, DAMAGED_LINES } from '../../src/logging/file/segment-files';
import { type PredictionRecord } from '../../src/logging/prediction-record';

/** A line of `damaged-lines.ndjson`. */
export interface SetAsideLine {
  readonly segment: string;
  readonly offset: number;
  readonly length: number;
  readonly salvagedRecords: number;
  readonly setAsideAt: string;
  readonly base64: string;
}

/** A folder for a log, and what a test looks at in it. */
export class LogFolder {
  /** The clock of every log opened here. */
  now = Date.UTC(2026, 2, 14, 12);
  /** What `onFatal` was called with. */
  readonly fatalErrors: Error[] = [];

  private constructor(readonly path: string) {}

  static async make(): Promise<LogFolder> {
    return new LogFolder(await mkdtemp(join(tmpdir(), 'prediction-log-')));
  }

  /** A folder that exists already, as on a volume of its own. */
  static at(path: string): LogFolder {
    return new LogFolder(path);
  }

  open(differences: Partial<FilePredictionLogOptions> = {}): Promise<FilePredictionLog> {
    return FilePredictionLog.open({
      folder: this.path,
      fsync: 'never',
      clock: () => this.now,
      onFatal: (error) => this.fatalErrors.push(error),
      ...differences,
    });
  }

  readActive(): Promise<Buffer> {
    return readFile(join(this.path, ACTIVE_SEGMENT));
  }

  writeActive(bytes: Buffer): Promise<void> {
    return writeFile(join(this.path, ACTIVE_SEGMENT), bytes);
  }

  async setAside(): Promise<SetAsideLine[]> {
    const text = await readFile(join(this.path, DAMAGED_LINES), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as SetAsideLine);
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** All records of a log, oldest first. */
export async function readAll(log: FilePredictionLog): Promise<readonly PredictionRecord[]> {
  return (await log.read({ limit: 10_000 })).records;
}
