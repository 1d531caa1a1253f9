import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { changeSetAsideLines } from '../logging/file/change-set-aside-lines';
import { findInSegment } from '../logging/file/erase-from-segment';
import { Erasure } from '../logging/file/erasure';
import { removeNewVersions } from '../logging/file/replace-file';
import { errorCode, listSealedSegments, syncFolder } from '../logging/file/segment-files';
import { auditFolderOf } from './audit-folder';
import { LegalHolds } from './legal-holds';
import { withUpkeepLock } from './upkeep-lock';

const DAY_MS = 86_400_000;

/** What to remove. */
export interface RetentionOrder {
  /** The prediction log's. */
  readonly folder: string;
  /** Records are kept for so many days at least. */
  readonly retentionDays: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Only says what would be removed. */
  readonly dryRun: boolean;
  /** Called before the first file is removed, with all that will be. */
  readonly announce: (expired: Expired) => Promise<void>;
}

/** What is older than it is kept. */
export interface Expired {
  /** Segments, as paths within the log's folder, oldest first. */
  readonly segments: readonly string[];
  /** Segments that stay because a client in them is under legal hold. */
  readonly held: readonly string[];
  /** Entries of `damaged-lines.ndjson`. */
  readonly setAsideLines: number;
}

/**
 * Removes segments, of decisions and of the audit trail, whose last record is older than records are kept, and damaged
 * lines that were set aside before. A segment holds records of one day, so no record goes early and none stays a day
 * too long, except in the segment being written: that goes when a later day's record ends it. Beside a running service.
 *
 * @throws {UpkeepTakenError} an erasure or another retention is under way
 * @throws {LegalHoldsError} nobody knows what must stay
 * Cost: one listing; with clients under legal hold, one pass over what is expired for each.
 */
export function removeExpired(order: RetentionOrder): Promise<Expired> {
  const { folder, dryRun } = order;
  return withUpkeepLock(folder, async () => {
    const holds = await LegalHolds.read(folder);
    const beforeMs = order.nowMs - order.retentionDays * DAY_MS;
    const old = [
      ...(await listOld(folder, '', beforeMs)),
      ...(await listOld(auditFolderOf(folder), 'audit', beforeMs)),
    ];
    const held: string[] = [];
    for (const name of old) if (await holdsAny(join(folder, name), holds)) held.push(name);
    const segments = old.filter((name) => !held.includes(name));
    // While somebody is under legal hold nobody can tell whose unreadable lines these are.
    const removesLines = holds.clientIds.length === 0;
    const setAsideLines = removesLines ? await countSetAside(folder, beforeMs) : 0;
    const expired = { segments, held, setAsideLines };
    if (dryRun || (segments.length === 0 && setAsideLines === 0)) return expired;
    await order.announce(expired);
    await removeNewVersions(folder);
    for (const name of segments) await rm(join(folder, name), { force: true });
    if (setAsideLines > 0) {
      await changeSetAsideLines(folder, ({ setAsideAtMs }) =>
        isOld(setAsideAtMs, beforeMs) ? 'remove' : 'keep',
      );
    }
    await syncFolder(folder);
    return expired;
  });
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

async function holdsAny(path: string, { clientIds }: LegalHolds): Promise<boolean> {
  for (const clientId of clientIds) {
    const found = await findInSegment(path, new Erasure(clientId, ''));
    if (found.recordTimes.length > 0 || found.damagedLines > 0) return true;
  }
  return false;
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
