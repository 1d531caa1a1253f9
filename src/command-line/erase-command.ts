import { join } from 'node:path';
import { AuditFolder } from '../audit/audit-folder';
import { eraseClient, type ErasureOrder, type ErasureResult } from '../audit/erase-client';
import { changeLegalHold } from '../audit/change-legal-hold';
import { LegalHolds } from '../audit/legal-holds';
import { type Configuration } from '../config/configuration';
import { parseConfiguration } from '../config/parse-configuration';
import { SummaryStore } from '../monitoring/summary/summary-store';
import { readAuditContext } from './audit-context';
import { EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { ERASE_USAGE, readEraseOptions } from './erase-options';
import { expectLogFolder } from './expect-log-folder';
import { explainUpkeepError } from './explain-upkeep-error';

/** `npm run erase`: erases a client from the log, or sets and releases legal holds. */
export async function erase({ words, environment, output, signal }: Surroundings): Promise<ExitCode> {
  const options = readEraseOptions(words);
  if (options.kind === 'help') {
    output.write(ERASE_USAGE);
    return EXIT_CODES.done;
  }
  const configuration = parseConfiguration(environment);
  const { folder, fsync } = configuration.log;
  await expectLogFolder(folder);
  try {
    switch (options.kind) {
      case 'list-holds': {
        const { clientIds } = await LegalHolds.read(folder);
        output.write(clientIds.length === 0 ? 'Nobody is under legal hold.\n' : `${clientIds.join('\n')}\n`);
        return EXIT_CODES.done;
      }
      case 'hold':
      case 'release': {
        const audit = new AuditFolder(folder, fsync, Date.now);
        const changed = await changeLegalHold({ ...options, folder, audit, context: readAuditContext() });
        output.write(describeHold(options.kind, changed));
        return EXIT_CODES.done;
      }
      case 'erase': {
        const result = await eraseFrom(configuration, options, signal);
        output.write(describeErasure(result));
        return result.unattributedLines > 0 ? EXIT_CODES.partlyDone : EXIT_CODES.done;
      }
    }
  } catch (error) {
    throw explainUpkeepError(error, folder);
  }
}

function eraseFrom(
  { log, monitoring }: Configuration,
  order: ErasureOrder,
  signal: AbortSignal,
): Promise<ErasureResult> {
  const store = new SummaryStore(
    join(monitoring.folder, 'summaries'),
    monitoring.drift.windowHours,
    monitoring.retentionDays,
  );
  return eraseClient(order, {
    log,
    clock: Date.now,
    audit: new AuditFolder(log.folder, log.fsync, Date.now),
    context: readAuditContext(),
    eraseSamples: (recordTimes) => store.eraseSamples(recordTimes),
    signal,
  });
}

function describeHold(kind: 'hold' | 'release', changed: boolean): string {
  if (kind === 'hold')
    return changed ? 'The client is under legal hold.\n' : 'The client was under legal hold already.\n';
  return changed ? 'The client is under legal hold no more.\n' : 'The client was not under legal hold.\n';
}

function describeErasure({
  tombstone,
  records,
  segments,
  damagedLines,
  unattributedLines,
}: ErasureResult): string {
  const lines = [
    tombstone === undefined
      ? 'The log holds no record of this client.'
      : `${records} records in ${segments} segments were erased; the client is ${tombstone} there.`,
  ];
  if (damagedLines > 0) lines.push(`${damagedLines} unreadable lines that named the client were emptied.`);
  if (unattributedLines > 0) {
    lines.push(
      `${unattributedLines} unreadable lines are left of which nobody can tell whose they are: look into them by hand.`,
    );
  }
  return `${lines.join('\n')}\n`;
}
