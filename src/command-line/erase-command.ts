import { changeLegalHold } from '../audit/change-legal-hold';
import { eraseClient, type ErasureOrder } from '../audit/erase-client';
import { type ErasureResult, type LogUpkeep } from '../audit/log-upkeep';
import { openLogUpkeep } from '../audit/open-log-upkeep';
import { withAuditSink } from '../audit/with-audit-sink';
import { type Configuration } from '../config/configuration';
import { parseConfiguration } from '../config/parse-configuration';
import { openSummaryStore } from '../monitoring/summary/open-summary-store';
import { readUserContext } from './read-user-context';
import { EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { ERASE_USAGE, readEraseOptions } from './erase-options';
import { expectLog } from './expect-log';
import { explainUpkeepError } from './explain-upkeep-error';

/** `npm run erase`: erases a client from the log, or sets and releases legal holds. */
export async function erase({ words, environment, output, signal }: Surroundings): Promise<ExitCode> {
  const options = readEraseOptions(words);
  if (options.kind === 'help') {
    output.write(ERASE_USAGE);
    return EXIT_CODES.done;
  }
  const configuration = parseConfiguration(environment);
  await expectLog(configuration);
  try {
    const upkeep = await openLogUpkeep(configuration, Date.now);
    switch (options.kind) {
      case 'list-holds': {
        const clientIds = await upkeep.readHolds();
        output.write(clientIds.length === 0 ? 'Nobody is under legal hold.\n' : `${clientIds.join('\n')}\n`);
        return EXIT_CODES.done;
      }
      case 'hold':
      case 'release': {
        const changed = await withAuditSink(configuration, Date.now, (audit) =>
          changeLegalHold({ ...options, upkeep, audit, context: readUserContext() }),
        );
        output.write(describeHold(options.kind, changed));
        return EXIT_CODES.done;
      }
      case 'erase': {
        const result = await eraseFrom(configuration, upkeep, options, signal);
        output.write(describeErasure(result));
        return result.unattributedLines > 0 ? EXIT_CODES.partlyDone : EXIT_CODES.done;
      }
    }
  } catch (error) {
    throw explainUpkeepError(error, configuration);
  }
}

async function eraseFrom(
  configuration: Configuration,
  upkeep: LogUpkeep,
  order: ErasureOrder,
  signal: AbortSignal,
): Promise<ErasureResult> {
  const store = await openSummaryStore(configuration);
  try {
    return await withAuditSink(configuration, Date.now, (audit) =>
      eraseClient(order, {
        upkeep,
        clock: Date.now,
        audit,
        context: readUserContext(),
        eraseSamples: (recordTimes) => store.eraseSamples(recordTimes),
        signal,
      }),
    );
  } finally {
    await store.close();
  }
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
