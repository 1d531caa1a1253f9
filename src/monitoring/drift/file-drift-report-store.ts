import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../common/error-code';
import { syncFolder } from '../../logging/file/segment-files';
import { type DriftReport } from './drift-report';
import { type DriftReportStore } from './drift-report-store';
import { parseDriftReportId } from './parse-drift-report-id';

const EXTENSION = '.json';

/** Of files that are being written, and of one that a killed process left behind. */
const PART_EXTENSION = '.part';

/** Drift reports as files, `<id>.json`. */
export class FileDriftReportStore implements DriftReportStore {
  /** @param folder made with the first report */
  constructor(private readonly folder: string) {}

  /** @inheritDoc */
  async listIds(): Promise<readonly string[]> {
    let names: readonly string[];
    try {
      names = await readdir(this.folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
    return names
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => name.slice(0, -EXTENSION.length))
      .filter((id) => parseDriftReportId(id))
      .sort()
      .reverse();
  }

  /** @inheritDoc */
  async read(id: string): Promise<string | undefined> {
    try {
      return await readFile(this.locate(id), 'utf8');
    } catch (error) {
      return errorCode(error) === 'ENOENT' ? undefined : '';
    }
  }

  /** @inheritDoc */
  async keep(report: DriftReport): Promise<boolean> {
    await mkdir(this.folder, { recursive: true });
    const part = join(this.folder, `${report.id}.${randomBytes(4).toString('hex')}${PART_EXTENSION}`);
    try {
      await writeDurably(part, JSON.stringify(report));
      // Unlike renaming, linking refuses a name that is taken: the file system decides who was first.
      await link(part, this.locate(report.id));
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(part, { force: true });
    }
    await syncFolder(this.folder);
    return true;
  }

  /** @inheritDoc */
  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await rm(this.locate(id), { force: true });
  }

  /** @inheritDoc */
  locate(id: string): string {
    return join(this.folder, `${id}${EXTENSION}`);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
