import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock } from '../../common/clock';
import { errorCode } from '../../common/error-code';
import { type Configuration } from '../../config/configuration';
import { changeSetAsideLines } from '../../logging/file/change-set-aside-lines';
import { findInSegment } from '../../logging/file/erase-from-segment';
import { Erasure } from '../../logging/file/erasure';
import { listSealedSegments, syncFolder } from '../../logging/file/segment-files';
import { removeNewVersions } from '../../logging/file/write-new-version';
import { type ErasureResult, type ErasureTask, type Expired, type UpkeepSession } from '../log-upkeep';
import { auditFolderOf } from './audit-folder';
import { eraseFromFolder } from './erase-from-folder';
import { LegalHolds } from './legal-holds';

/** Upkeep of a log in files, by the one who holds the folder's upkeep lock. */
export class FileUpkeepSession implements UpkeepSession {
  /** @param signal ends it between two segments, of which each takes a second at most */
  constructor(
    private readonly log: Configuration['log'],
    private readonly clock: Clock,
    private readonly signal?: AbortSignal,
  ) {}

  /** @inheritDoc */
  async readHolds(): Promise<readonly string[]> {
    return (await this.readLegalHolds()).clientIds;
  }

  /** @inheritDoc */
  async hold(clientId: string): Promise<void> {
    await (await this.readLegalHolds()).add(clientId);
  }

  /** @inheritDoc */
  async release(clientId: string): Promise<void> {
    await (await this.readLegalHolds()).remove(clientId);
  }

  /** @inheritDoc */
  async erase(task: ErasureTask): Promise<ErasureResult> {
    this.signal?.throwIfAborted();
    return eraseFromFolder(this.log, task, this.clock);
  }

  /** @inheritDoc */
  async findExpired(beforeMs: number): Promise<Expired> {
    const { folder } = this.log;
    const holds = await this.readHolds();
    const old = [
      ...(await listOld(folder, '', beforeMs)),
      ...(await listOld(auditFolderOf(folder), 'audit', beforeMs)),
    ];
    const held: string[] = [];
    for (const name of old) if (await this.holdsAny(join(folder, name), holds)) held.push(name);
    const segments = old.filter((name) => !held.includes(name));
    // While somebody is under legal hold nobody can tell whose unreadable lines these are.
    const setAsideLines = holds.length === 0 ? await countSetAside(folder, beforeMs) : 0;
    return { segments, held, setAsideLines };
  }

  /** @inheritDoc */
  async removeExpired({ segments, setAsideLines }: Expired, beforeMs: number): Promise<void> {
    const { folder } = this.log;
    await removeNewVersions(folder);
    for (const name of segments) {
      this.signal?.throwIfAborted();
      await rm(join(folder, name), { force: true });
    }
    this.signal?.throwIfAborted();
    if (setAsideLines > 0) {
      await changeSetAsideLines(folder, ({ setAsideAtMs }) =>
        isOld(setAsideAtMs, beforeMs) ? 'remove' : 'keep',
      );
    }
    await syncFolder(folder);
  }

  private async readLegalHolds(): Promise<LegalHolds> {
    this.signal?.throwIfAborted();
    return LegalHolds.read(this.log.folder);
  }

  private async holdsAny(path: string, clientIds: readonly string[]): Promise<boolean> {
    for (const clientId of clientIds) {
      this.signal?.throwIfAborted();
      const found = await findInSegment(path, new Erasure(clientId, ''));
      if (found.recordTimes.length > 0 || found.damagedLines > 0) return true;
    }
    return false;
  }
}

/** Sealed segments of a folder whose day ended before a time. */
async function listOld(folder: string, prefix: string, beforeMs: number): Promise<string[]> {
  try {
    const segments = await listSealedSegments(folder);
    return segments.filter(({ endMs }) => endMs <= beforeMs).map(({ name }) => join(prefix, name));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function countSetAside(folder: string, beforeMs: number): Promise<number> {
  let old = 0;
  await changeSetAsideLines(folder, ({ setAsideAtMs }) => {
    if (isOld(setAsideAtMs, beforeMs)) old += 1;
    return 'keep';
  });
  return old;
}

function isOld(timeMs: number | undefined, beforeMs: number): boolean {
  return timeMs !== undefined && timeMs < beforeMs;
}
