import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, writeNewFile } from '../../auth/files/write-file';
import { errorCode } from '../../common/error-code';
import { isRecordId } from '../../logging/issue-record-id';
import { type EventCursor } from './event-cursor';

/** Within the log's folder, which one process owns. */
const PATH = ['decision-events', 'published-up-to'] as const;

/** The place in a log on files, which one process writes and publishes. */
export class FileEventCursor implements EventCursor {
  private readonly path: string;

  constructor(logFolder: string) {
    this.path = join(logFolder, ...PATH);
  }

  async begin(id: string): Promise<string> {
    await writeNewFile(this.path, `${id}\n`);
    return (await this.load()) ?? id;
  }

  /** @throws Error when the file is damaged: where to go on is then for people to decide */
  async load(): Promise<string | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    if (isRecordId(text.trim())) return text.trim();
    throw new Error(
      `${this.path}: expected the id of a record. Write the id behind which events go on, or delete it to begin with new decisions`,
    );
  }

  async move(id: string): Promise<void> {
    const kept = await this.load();
    if (kept !== undefined && id <= kept) return;
    await replaceFile(this.path, `${id}\n`);
  }
}
