import { type AuditSpan } from '../audit/merge-audit-logs';
import { AUDIT_ACTIONS, type AuditAction } from '../common/audit';
import { CLIENT_ID_PATTERN } from '../scoring/application/application';
import { CommandError } from './command';
import { parseWords } from './parse-words';
import { readTime } from './read-time';

/** Which audit records to show, and how. */
export interface AuditOptions {
  readonly span: AuditSpan;
  /** Undefined: all. */
  readonly action: AuditAction | undefined;
  /** Only what was done to this client, which stands in the trail as a salted hash. */
  readonly clientId: string | undefined;
  /** One JSON object a line instead of a table. */
  readonly json: boolean;
}

export const AUDIT_USAGE = `Shows who did what beside asking for decisions: log-ins, keys, refusals, exports, erasures.

  npm run audit -- --from 2026-11-22 [--to 2026-11-23] [--action access-refused] [--client <clientId>] [--json]

  --from, --to   first moment included, last excluded: days (UTC) or times with their zone in ISO 8601, such as
                 2026-11-22T06:00:00Z; --to is now unless given
  --action       one of ${AUDIT_ACTIONS.slice(0, 6).join(', ')},
                 ${AUDIT_ACTIONS.slice(6).join(', ')}
  --client       what was done to this client, as an erasure; slow, as clients stand in the trail as salted hashes
  --json         prints one JSON object a line
  -h, --help     shows this

Reads the log of the service and the records that commands left beside it, of a running service too; writes nothing.
With STORAGE=postgres all of them are in the database.

Settings (environment): DATA_DIR, or STORAGE, DATABASE_URL, as for the service.

Exit code: 0 done; 2 done, and lines on the way could not be read; 1 failed; 130 interrupted (Ctrl-C).
`;

/**
 * Reads what was typed after `audit`.
 *
 * @param nowMs when the trail ends without `--to`, milliseconds since the epoch
 * @throws {CommandError} naming the option that cannot be used and what it must be
 */
export function readAuditOptions(words: readonly string[], nowMs: number): AuditOptions | 'help' {
  const { values } = parseWords(words, {
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      action: { type: 'string' },
      client: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const fromMs = readTime('--from', values.from);
  const toMs = values.to === undefined ? nowMs + 1 : readTime('--to', values.to);
  if (fromMs >= toMs) throw new CommandError('--to must be later than --from. See --help.');
  if (values.client !== undefined && !CLIENT_ID_PATTERN.test(values.client)) {
    throw new CommandError('--client must be a client id as POST /predict takes it. See --help.');
  }
  return {
    span: { fromMs, toMs },
    action: readAction(values.action),
    clientId: values.client,
    json: values.json,
  };
}

function readAction(word: string | undefined): AuditAction | undefined {
  const action = AUDIT_ACTIONS.find((known) => known === word);
  if (word !== undefined && action === undefined) {
    throw new CommandError(`--action must be one of ${AUDIT_ACTIONS.join(', ')}. See --help.`);
  }
  return action;
}
