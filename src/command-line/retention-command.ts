import { describeExpired } from '../audit/describe-expired';
import { type Expired } from '../audit/log-upkeep';
import { openLogUpkeep } from '../audit/open-log-upkeep';
import { removeExpired } from '../audit/remove-expired';
import { withAuditSink } from '../audit/with-audit-sink';
import { type Configuration } from '../config/configuration';
import { parseConfiguration } from '../config/parse-configuration';
import { readUserContext } from './read-user-context';
import { EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { expectLog } from './expect-log';
import { explainUpkeepError } from './explain-upkeep-error';
import { parseWords } from './parse-words';

const RETENTION_USAGE = `Removes what is older than RETENTION_DAYS from the prediction log, as the service does daily by itself.

  npm run retention [-- --dry-run]

  --dry-run     only says what would be removed
  -h, --help    shows this

Works beside a running service. Removes whole segments, each of which holds records of one day (UTC); never the one
being written. With STORAGE=postgres it removes partitions, each of which holds records of one month (UTC). What holds
records of a client under legal hold stays. The audit trail says what was removed.

Settings (environment): DATA_DIR, LOG_FSYNC, RETENTION_DAYS, or STORAGE, DATABASE_URL, RETENTION_DAYS, as for the
service. With files, run as the service's user.

Exit code: 0 done; 1 failed; 130 interrupted (Ctrl-C): what was removed is gone, run it again for the rest.
`;

/** `npm run retention`: removes what is older than records are kept. */
export async function retention({ words, environment, output, signal }: Surroundings): Promise<ExitCode> {
  const { dryRun, help } = readOptions(words);
  if (help) {
    output.write(RETENTION_USAGE);
    return EXIT_CODES.done;
  }
  const configuration = parseConfiguration(environment);
  const { retentionDays } = configuration.monitoring;
  await expectLog(configuration);
  try {
    const expired = await removeAndRecord(configuration, dryRun, signal);
    output.write(describe(expired, retentionDays, dryRun));
    return EXIT_CODES.done;
  } catch (error) {
    throw explainUpkeepError(error, configuration);
  }
}

function removeAndRecord(
  configuration: Configuration,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<Expired> {
  return withAuditSink(configuration, Date.now, async (audit) => {
    const record = async (outcome: string, expired: Expired): Promise<void> => {
      const { caller, from = '' } = readUserContext();
      await audit.append({
        audit: { action: 'retention', outcome, from, details: describeExpired(expired) },
        caller,
      });
    };
    const expired = await removeExpired({
      upkeep: await openLogUpkeep(configuration, Date.now),
      retentionDays: configuration.monitoring.retentionDays,
      nowMs: Date.now(),
      dryRun,
      announce: (due) => record('begun', due),
      signal,
    });
    if (!dryRun) await record('done', expired);
    return expired;
  });
}

function readOptions(words: readonly string[]): { readonly dryRun: boolean; readonly help: boolean } {
  const { values } = parseWords(words, {
    options: {
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return { dryRun: values['dry-run'], help: values.help };
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
