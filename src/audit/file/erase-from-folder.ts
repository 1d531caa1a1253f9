import { join } from 'node:path';
import { type Clock } from '../../common/clock';
import { type Configuration } from '../../config/configuration';
import { changeSetAsideLines } from '../../logging/file/change-set-aside-lines';
import { eraseFromSegment, findInSegment } from '../../logging/file/erase-from-segment';
import { Erasure } from '../../logging/file/erasure';
import { FilePredictionLog } from '../../logging/file/file-prediction-log';
import { LogFolderTakenError } from '../../logging/file/log-folder-error';
import { removeNewVersions } from '../../logging/file/write-new-version';
import { requestSeal } from '../../logging/file/seal-requests';
import { listSealedSegments } from '../../logging/file/segment-files';
import { ErasureRefusedError, type ErasureResult, type ErasureTask } from '../log-upkeep';

/**
 * Removes what is personal of a client from all segments of a folder, and from the lines that were set aside.
 *
 * A running service is asked to end its segment first. Each segment is written anew and swapped in one step; killed at
 * any moment, each is the old one or the new one. Within the upkeep lock only.
 *
 * @throws {ErasureRefusedError} the running service does not end its segment
 * Cost: O(length of the log), some seconds a GiB.
 */
export async function eraseFromFolder(
  log: Configuration['log'],
  { clientId, tenant, at, eraseSamples, signal }: ErasureTask,
  clock: Clock,
): Promise<ErasureResult> {
  await removeNewVersions(log.folder);
  await sealActiveSegment(log, clock, signal);
  const erasure = new Erasure(clientId, at, tenant);
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
    await eraseSamples(found.recordTimes);
    await eraseFromSegment(path, erasure);
    recordTimes.push(...found.recordTimes);
    damagedLines += found.damagedLines;
    segments += 1;
  }
  // Again: an hour's values may have been put in their place while this worked.
  await eraseSamples(recordTimes);
  const records = recordTimes.length;
  const tombstone = records > 0 ? erasure.tombstone : undefined;
  return { tombstone, records, segments, damagedLines, unattributedLines };
}

/** Ends the segment being written: by itself when no process writes the log, otherwise by asking that process. */
async function sealActiveSegment(
  log: Configuration['log'],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
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
