import { parseArgs } from 'node:util';
import { AuditFolder } from '../audit/audit-folder';
import { describeExpired } from '../audit/describe-expired';
import { type Expired, removeExpired } from '../audit/remove-expired';
import { parseConfiguration } from '../config/parse-configuration';
import { readAuditContext } from './audit-context';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { expectLogFolder } from './expect-log-folder';
import { explainUpkeepError } from './explain-upkeep-error';

const RETENTION_USAGE = `Removes what is older than RETENTION_DAYS from the prediction log, as the service does daily by itself.

  npm run retention [-- --dry-run]

  --dry-run     only says what would be removed
  -h, --help    shows this

Works beside a running service. Removes whole segments, each of which holds records of one day (UTC); never the one
being written. A segment with records of a client under legal hold stays. The audit trail says what was removed.

Settings (environment): DATA_DIR, LOG_FSYNC, RETENTION_DAYS, as for the service. Run as the service's user.

Exit code: 0 done; 1 failed.
`;

/** `npm run retention`: removes what is older than records are kept. */
export async function retention({ words, environment, output }: Surroundings): Promise<ExitCode> {
  const { dryRun, help } = readOptions(words);
  if (help) {
    output.write(RETENTION_USAGE);
    return EXIT_CODES.done;
  }
  const { log, monitoring } = parseConfiguration(environment);
  await expectLogFolder(log.folder);
  const audit = new AuditFolder(log.folder, log.fsync, Date.now);
  const record = async (outcome: string, expired: Expired): Promise<void> => {
    const { caller, from = '' } = readAuditContext();
    await audit.append({
      audit: { action: 'retention', outcome, from, details: describeExpired(expired) },
      caller,
    });
  };
  try {
    const expired = await removeExpired({
      folder: log.folder,
      retentionDays: monitoring.retentionDays,
      nowMs: Date.now(),
      dryRun,
      announce: (due) => record('begun', due),
    });
    if (!dryRun) await record('done', expired);
    output.write(describe(expired, monitoring.retentionDays, dryRun));
    return EXIT_CODES.done;
  } catch (error) {
    throw explainUpkeepError(error, log.folder);
  }
}

function readOptions(words: readonly string[]): { readonly dryRun: boolean; readonly help: boolean } {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return { dryRun: values['dry-run'], help: values.help };
  } catch (error) {
    throw new CommandError(`${(error as Error).message.split('. ')[0] ?? ''}. See --help.`);
  }
}

function describe({ segments, held, setAsideLines }: Expired, days: number, dryRun: boolean): string {
  const done = dryRun ? 'would be removed' : 'removed';
  const lines = [
    ...segments.map((name) => `${name} ${done}`),
    ...held.map((name) => `${name} stays: a client in it is under legal hold`),
    ...(setAsideLines > 0 ? [`damaged-lines.ndjson: ${setAsideLines} lines ${done}`] : []),
  ];
  if (lines.length === 0) lines.push(`Nothing is older than ${days} days (RETENTION_DAYS).`);
  return `${lines.join('\n')}\n`;
}
