import { join } from 'node:path';
import { type AuditContext } from '../common/audit';
import { type Clock } from '../common/clock';
import { type Configuration } from '../config/configuration';
import { changeSetAsideLines } from '../logging/file/change-set-aside-lines';
import { eraseFromSegment, findInSegment } from '../logging/file/erase-from-segment';
import { Erasure } from '../logging/file/erasure';
import { FilePredictionLog } from '../logging/file/file-prediction-log';
import { LogFolderTakenError } from '../logging/file/log-folder-error';
import { removeNewVersions } from '../logging/file/replace-file';
import { requestSeal } from '../logging/file/seal-requests';
import { listSealedSegments } from '../logging/file/segment-files';
import { type AuditFolder } from './audit-folder';
import { hashClientId } from './hash-client-id';
import { LegalHolds } from './legal-holds';
import { withUpkeepLock } from './upkeep-lock';

/** Whom to erase, and why. */
export interface ErasureOrder {
  readonly clientId: string;
  /** Only this tenant's client of that name; undefined: every tenant's. */
  readonly tenant?: string | undefined;
  /** Words for the audit trail, such as the number of the request; nothing personal. */
  readonly reason: string;
}

/** What an erasure needs of its surroundings. */
export interface ErasureParts {
  readonly log: Configuration['log'];
  readonly clock: Clock;
  readonly audit: Pick<AuditFolder, 'append'>;
  readonly context: AuditContext;
  /** Removes the raw values that monitoring keeps of the hours of these times, milliseconds since the epoch. */
  readonly eraseSamples: (recordTimes: readonly number[]) => Promise<void>;
  /** Ends it between two segments: what is erased stays erased, and the same order goes on later. */
  readonly signal: AbortSignal;
}

/** What was erased. */
export interface ErasureResult {
  /** The client's name in the records from now on; undefined when there was nothing. */
  readonly tombstone: string | undefined;
  readonly records: number;
  /** Segments that were written anew. */
  readonly segments: number;
  /** Unreadable lines that named the client, in segments and in `damaged-lines.ndjson`. */
  readonly damagedLines: number;
  /** Unreadable lines in segments that name nobody this could tell. */
  readonly unattributedLines: number;
}

/** It may not be done; the message says why and what to do. */
export class ErasureRefusedError extends Error {
  override readonly name = 'ErasureRefusedError';
}

/**
 * Removes what is personal of a client from the log: see `eraseRecord`.
 *
 * Beside a running service, which is asked to end its segment first, or without one. Each segment is written anew
 * and swapped in one step; killed at any moment, each is the old one or the new one, and the same order finishes
 * what is left. The audit trail says when it began and when it was done, with a salted hash in place of the client.
 * What a client application sends after the beginning is not erased.
 *
 * @throws {ErasureRefusedError} the client is under legal hold, or the running service does not end its segment
 * @throws {UpkeepTakenError} another erasure, retention or change of holds is under way
 * Cost: O(length of the log), some seconds a GiB.
 */
export function eraseClient(order: ErasureOrder, parts: ErasureParts): Promise<ErasureResult> {
  return withUpkeepLock(parts.log.folder, async () => {
    const subject = hashClientId(order.clientId);
    const { reason, tenant = 'all' } = order;
    const record = (outcome: string, more: Readonly<Record<string, string | number>>): Promise<unknown> =>
      parts.audit.append({
        ...callerOf(parts.context),
        audit: {
          action: 'erasure',
          subject,
          outcome,
          from: parts.context.from ?? '',
          details: { reason, tenant, ...more },
        },
      });
    if ((await LegalHolds.read(parts.log.folder)).has(order.clientId)) {
      await record('refused', { cause: 'legal hold' });
      throw new ErasureRefusedError(
        'The client is under legal hold: nothing was erased. Release the hold first, when it may be released.',
      );
    }
    await record('begun', {});
    const result = await erase(order, parts);
    const { tombstone = 'none', records, segments, damagedLines } = result;
    await record('done', { tombstone, records, segments, damagedLines });
    return result;
  });
}

function callerOf({ caller, requestId }: AuditContext): Pick<AuditContext, 'caller' | 'requestId'> {
  return { caller, ...(requestId !== undefined && { requestId }) };
}

async function erase({ clientId, tenant }: ErasureOrder, parts: ErasureParts): Promise<ErasureResult> {
  const { log, clock, signal } = parts;
  await removeNewVersions(log.folder);
  await sealActiveSegment(parts);
  const erasure = new Erasure(clientId, new Date(clock()).toISOString(), tenant);
  const recordTimes: number[] = [];
  let segments = 0;
  let unattributedLines = 0;
  let damagedLines = await changeSetAsideLines(log.folder, ({ bytes }) =>
    erasure.isNamedIn(bytes, { start: 0, end: bytes.length }) ? 'empty' : 'keep',
  );
  for (const { name } of await listSealedSegments(log.folder)) {
    signal.throwIfAborted();
    const path = join(log.folder, name);
    const found = await findInSegment(path, erasure);
    unattributedLines += found.unattributedLines;
    if (found.recordTimes.length === 0 && found.damagedLines === 0) continue;
    // First, as a segment that holds nothing of the client any more does not tell which hours were concerned.
    await parts.eraseSamples(found.recordTimes);
    await eraseFromSegment(path, erasure);
    recordTimes.push(...found.recordTimes);
    damagedLines += found.damagedLines;
    segments += 1;
  }
  // Again: an hour's values may have been put in their place while this worked.
  await parts.eraseSamples(recordTimes);
  const records = recordTimes.length;
  const tombstone = records > 0 ? erasure.tombstone : undefined;
  return { tombstone, records, segments, damagedLines, unattributedLines };
}

/** Ends the segment being written: by itself when no process writes the log, otherwise by asking that process. */
async function sealActiveSegment({ log, clock, signal }: ErasureParts): Promise<void> {
  try {
    const writer = await FilePredictionLog.open({ ...log, clock, onFatal: () => undefined });
    try {
      await writer.seal();
    } finally {
      await writer.close();
    }
  } catch (error) {
    if (!(error instanceof LogFolderTakenError)) throw error;
    if (await requestSeal(log.folder, signal)) return;
    throw new ErasureRefusedError(
      `${log.folder}: the service that writes the log did not end its segment within 15 seconds: nothing was erased. ` +
        'See in its log whether it can write, or stop it, and run this again.',
      { cause: error },
    );
  }
}
