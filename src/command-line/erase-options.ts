import { TENANT_PATTERN } from '../common/http/identity';
import { CLIENT_ID_PATTERN } from '../scoring/application/application';
import { CommandError } from './command';
import { parseWords } from './parse-words';

/** Whom to erase, or to hold, or to let go. */
export type EraseOptions =
  | {
      readonly kind: 'erase';
      readonly clientId: string;
      /** Undefined: every tenant's client of that name. */
      readonly tenant: string | undefined;
      readonly reason: string;
    }
  | { readonly kind: 'hold' | 'release'; readonly clientId: string; readonly reason: string }
  | { readonly kind: 'list-holds' }
  | { readonly kind: 'help' };

/** One line of the audit trail, not a letter. */
const LONGEST_REASON = 200;

export const ERASE_USAGE = `Erases a client from the prediction log, or says that nobody may.

  npm run erase -- --client <clientId> [--tenant <tenant>] --reason "request 2026-118"
  npm run erase -- --hold <clientId> --reason "case 4711"
  npm run erase -- --release <clientId> --reason "case 4711 closed"
  npm run erase -- --list-holds

  --client      in every record of this client all inputs become null and the client's name a tombstone; id, time,
                model, probability, score, decision and policy stay: they are the lender's record of its act
  --tenant      only the client of this name that this tenant sent; without it every tenant's
  --hold        legal hold: neither erasure nor retention touches what is this client's
  --release     ends the hold
  --list-holds  shows who is held
  --reason      why, for the audit trail: at most 200 characters, nothing personal
  -h, --help    shows this

Works beside a running service, or without one; with files, the service ends its segment when asked. Interrupted or
killed, run it again: it goes on where it stopped. What client applications send after it began is not erased, nor are
copies of the log elsewhere, such as backups. The audit trail holds a salted hash in place of the client. With
STORAGE=postgres the segments of the result are partitions, each of a month.

Settings (environment): DATA_DIR, LOG_FSYNC, or STORAGE, DATABASE_URL, as for the service. With files, run as the
service's user.

Exit code: 0 done; 2 done, and unreadable lines are left of which nobody can tell whose they are; 1 failed or
refused; 130 interrupted (Ctrl-C).
`;

/**
 * Reads what was typed after `erase`.
 *
 * @throws {CommandError} naming the option that cannot be used and what it must be; never the client
 */
export function readEraseOptions(words: readonly string[]): EraseOptions {
  const { values } = parseWords(words, {
    options: {
      client: { type: 'string' },
      tenant: { type: 'string' },
      hold: { type: 'string' },
      release: { type: 'string' },
      reason: { type: 'string' },
      'list-holds': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  const chosen = (['client', 'hold', 'release'] as const).filter((option) => values[option] !== undefined);
  if (values['list-holds'] && chosen.length === 0) return { kind: 'list-holds' };
  const [option] = chosen;
  if (option === undefined || chosen.length > 1 || values['list-holds']) {
    throw new CommandError('Give one of --client, --hold, --release and --list-holds. See --help.');
  }
  const clientId = values[option] ?? '';
  if (!CLIENT_ID_PATTERN.test(clientId)) {
    throw new CommandError(`--${option} must be a client id as POST /predict takes it. See --help.`);
  }
  const reason = values.reason?.trim() ?? '';
  if (reason === '' || reason.length > LONGEST_REASON) {
    throw new CommandError(`--reason must say why, in 1 to ${LONGEST_REASON} characters. See --help.`);
  }
  if (reason.includes(clientId)) {
    throw new CommandError('--reason must not name the client: the audit trail stays. See --help.');
  }
  if (option !== 'client') {
    if (values.tenant !== undefined) throw new CommandError('--tenant goes with --client only. See --help.');
    return { kind: option, clientId, reason };
  }
  if (values.tenant !== undefined && !TENANT_PATTERN.test(values.tenant)) {
    throw new CommandError('--tenant must be a tenant of at most 64 letters, digits and ._-. See --help.');
  }
  return { kind: 'erase', clientId, tenant: values.tenant, reason };
}
