import { mkdir, open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFully } from '../../logging/file/segment-files';
import { type CheckpointBlock, decodeCheckpointBlock, encodeCheckpointBlock } from './checkpoint-block';
import { REMEMBERED_MS } from './key-index';
import { ENTRY_BYTES } from './key-table';
import { encodeRecordId, readRecordTime } from './record-id-bytes';

const HOUR_MS = 3_600_000;

/** `2026-11-23T15.keys`: names sort by time. */
const NAME_PATTERN = /^(\d{4}-\d{2}-\d{2}T\d{2})\.keys$/;

/** Entries taken in one go, in a millisecond or two: requests go in between. */
const BYTES_AT_ONCE = 4096 * ENTRY_BYTES;

/**
 * The index of idempotency keys in files: one for each hour, to which blocks are appended. Each block goes
 * on where the one before ended, so together they cover a span of the log without a gap.
 *
 * They repeat what is in the log. What is damaged or missing costs reading that part of the log again, and a
 * power cut may take the last blocks: they are not synced.
 */
export class CheckpointFiles {
  private last: { readonly name: string; readonly length: number } | undefined;

  /** @param folder made if missing; this process must be its only writer */
  constructor(private readonly folder: string) {}

  /**
   * Reads all blocks. From the first damaged one on they are removed, and all of them when they begin later than needed.
   *
   * @param neededFrom an id: the keys of all records behind it are needed
   * @param take gets the entries, oldest first
   * @returns id of the record up to which the blocks cover the log; undefined when they cover nothing of use
   */
  async load(neededFrom: string, take: (entries: Buffer) => void): Promise<string | undefined> {
    await mkdir(this.folder, { recursive: true });
    this.last = undefined;
    let through: string | undefined;
    for (const name of await this.list()) {
      const bytes = await readFile(join(this.folder, name));
      let length = 0;
      for (let block = decodeCheckpointBlock(bytes, 0); block; block = decodeCheckpointBlock(bytes, length)) {
        const continues = through === undefined ? block.after <= neededFrom : block.after === through;
        if (!continues) break;
        await takeInParts(block.entries, take);
        ({ through, end: length } = block);
      }
      if (length > 0) this.last = { name, length };
      if (length < bytes.length || length === 0) {
        await this.removeBehind(this.last);
        break;
      }
    }
    return through;
  }

  /** Appends a block, to the file of the hour of its last record. */
  async append(block: CheckpointBlock, entries: readonly Buffer[]): Promise<void> {
    const name = nameOfHour(readRecordTime(encodeRecordId(block.through)));
    const length = this.last?.name === name ? this.last.length : 0;
    const bytes = encodeCheckpointBlock(block, entries);
    const file = await open(join(this.folder, name), length === 0 ? 'w' : 'r+');
    try {
      // Part of a block whose writing failed may lie there.
      await file.truncate(length);
      await writeFully(file, bytes, length);
    } finally {
      await file.close();
    }
    this.last = { name, length: length + bytes.length };
  }

  /** Removes files in which no key is remembered any more, oldest first: what stays has no gap. */
  async removeOld(nowMs: number): Promise<void> {
    for (const name of await this.list()) {
      const startMs = Date.parse(`${NAME_PATTERN.exec(name)?.[1] ?? ''}:00:00Z`);
      if (nowMs < startMs + HOUR_MS + REMEMBERED_MS) return;
      await rm(join(this.folder, name), { force: true });
      if (this.last?.name === name) this.last = undefined;
    }
  }

  /** Removes all of them: they belong to another log. */
  async removeAll(): Promise<void> {
    this.last = undefined;
    await this.removeBehind(undefined);
  }

  /** Newest first, so that a kill leaves no gap. */
  private async removeBehind(
    end: { readonly name: string; readonly length: number } | undefined,
  ): Promise<void> {
    for (const name of (await this.list()).reverse()) {
      if (end === undefined || name > end.name) await rm(join(this.folder, name), { force: true });
    }
    if (end !== undefined) await truncate(join(this.folder, end.name), end.length);
  }

  private async list(): Promise<string[]> {
    return (await readdir(this.folder)).filter((name) => NAME_PATTERN.test(name)).sort();
  }
}

async function takeInParts(entries: Buffer, take: (entries: Buffer) => void): Promise<void> {
  for (let at = 0; at < entries.length; at += BYTES_AT_ONCE) {
    take(entries.subarray(at, at + BYTES_AT_ONCE));
    await new Promise(setImmediate);
  }
}

function nameOfHour(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 'yyyy-mm-ddThh'.length)}.keys`;
}
