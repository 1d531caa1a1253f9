import { isHashOfClientId } from '../audit/hash-client-id';
import { readAuditTrail } from '../audit/read-audit-trail';
import { parseConfiguration } from '../config/parse-configuration';
import { type AuditRecord } from '../logging/prediction-record';
import { type AuditOptions, AUDIT_USAGE, readAuditOptions } from './audit-options';
import { EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { expectLog } from './expect-log';
import { explainUpkeepError } from './explain-upkeep-error';

/** `npm run audit`: shows the audit trail of a span of time. */
export async function audit(surroundings: Surroundings): Promise<ExitCode> {
  const { words, environment, output, messages, signal } = surroundings;
  const options = readAuditOptions(words, Date.now());
  if (options === 'help') {
    output.write(AUDIT_USAGE);
    return EXIT_CODES.done;
  }
  const configuration = parseConfiguration(environment);
  await expectLog(configuration);
  let damagedLines = 0;
  let shown = 0;
  try {
    const trail = readAuditTrail(configuration, options.span, (lines) => (damagedLines += lines), signal);
    for await (const record of trail) {
      if (!isAskedFor(record, options)) continue;
      output.write(`${options.json ? JSON.stringify(record) : formatAuditRecord(record)}\n`);
      shown += 1;
    }
  } catch (error) {
    throw explainUpkeepError(error, configuration);
  }
  messages.write(`${shown} audit records\n`);
  if (damagedLines === 0) return EXIT_CODES.done;
  messages.write(`${damagedLines} lines could not be read: audit records may be among them.\n`);
  return EXIT_CODES.partlyDone;
}

function isAskedFor({ audit: act }: AuditRecord, { action, clientId }: AuditOptions): boolean {
  if (action !== undefined && act.action !== action) return false;
  return clientId === undefined || (act.subject !== undefined && isHashOfClientId(act.subject, clientId));
}

/** When, who, what, on what, how it ended, from where; then what else there is to know. */
function formatAuditRecord({ at, caller, requestId, audit: act }: AuditRecord): string {
  const { action, subject, outcome, from, details = {}, times } = act;
  const more = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
  if (times !== undefined) more.push(`times=${String(times)}`);
  if (requestId !== undefined) more.push(`requestId=${requestId}`);
  const columns = [at, caller, action, subject ?? '-', outcome, from ?? '-', more.join(' ')];
  // Names of callers and subjects come from outside: nothing in them may look like another line.
  return columns
    .map((column) => column.replaceAll(/\p{C}/gu, '?'))
    .join('\t')
    .trimEnd();
}
