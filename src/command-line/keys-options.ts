import { KEY_NAME_PATTERN, PREFIX_PATTERN, USUAL_TENANT } from '../auth/keys/api-key';
import { type ApiKeyWishes } from '../auth/keys/make-api-key';
import { EVERY_TENANT, type Scope, SCOPES, TENANT_PATTERN } from '../common/http/identity';
import { CommandError } from './command';
import { parseWords } from './parse-words';
import { readTime } from './read-time';

/** What to do with the keys. */
export type KeysOptions =
  | { readonly action: 'create'; readonly wishes: ApiKeyWishes }
  | { readonly action: 'list' }
  | { readonly action: 'revoke'; readonly prefix: string };

export const KEYS_USAGE = `Makes, lists and revokes the API keys of the service. It notices within a second, without a restart.

  npm run keys -- create --name web-shop --scopes predict,records [--tenant shop] [--expires 2027-01-31]
  npm run keys -- list
  npm run keys -- revoke <prefix>

  --name      whose key it is: stands as caller in the records, at most 64 letters, digits, spaces and ._@-
  --scopes    what it may do, separated by commas; none implies another:
                predict   POST /predict
                records   the trace of decisions, and their replay
                outcomes  what became of decided clients
                admin     models: promotion, shadow, rollback
                monitor   pages, alerts and metrics
  --tenant    whose records it makes and sees (${USUAL_TENANT} unless given); ${EVERY_TENANT} sees those of all
  --expires   from when on it is refused: a day (UTC) or a time with its zone in ISO 8601
  -h, --help  shows this

create prints the key once; only its SHA-256 is kept. The prefix is its middle part: pad_<prefix>_….

Settings (environment): API_KEYS_FILE, DATA_DIR, AUTH, NODE_ENV, as for the service.

Exit code: 0 done; 1 failed.
`;

/**
 * Reads what was typed after `keys`.
 *
 * @throws {CommandError} naming the option that cannot be used and what it must be
 */
export function readKeysOptions(words: readonly string[], nowMs: number): KeysOptions | 'help' {
  const { values, positionals } = parseWords(words, {
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      scopes: { type: 'string' },
      tenant: { type: 'string' },
      expires: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const [action, ...rest] = positionals;
  if (action !== 'create' && Object.keys(values).length > 0) {
    throw new CommandError('Options belong to create only. See --help.');
  }
  switch (action) {
    case 'create':
      expectNone(rest);
      return { action, wishes: readWishes(values, nowMs) };
    case 'list':
      expectNone(rest);
      return { action };
    case 'revoke':
      return { action, prefix: readPrefix(rest) };
    default:
      throw new CommandError('Say what to do: create, list or revoke. See --help.');
  }
}

function readWishes(
  values: {
    readonly name?: string;
    readonly scopes?: string;
    readonly tenant?: string;
    readonly expires?: string;
  },
  nowMs: number,
): ApiKeyWishes {
  const { name = '', scopes = '', tenant = USUAL_TENANT, expires } = values;
  if (!KEY_NAME_PATTERN.test(name)) {
    throw new CommandError('--name must be at most 64 letters, digits, spaces and ._@-. See --help.');
  }
  if (tenant !== EVERY_TENANT && !TENANT_PATTERN.test(tenant)) {
    throw new CommandError(
      `--tenant must be at most 64 letters, digits and ._-, or ${EVERY_TENANT}. See --help.`,
    );
  }
  return {
    name,
    tenant,
    scopes: readScopes(scopes),
    ...(expires !== undefined && { expiresAt: readExpiry(expires, nowMs) }),
  };
}

function readScopes(text: string): readonly Scope[] {
  const words = text.split(',').map((word) => word.trim());
  const scopes = SCOPES.filter((scope) => words.includes(scope));
  if (scopes.length === words.length) return scopes;
  throw new CommandError(
    `--scopes must be a list of ${SCOPES.join(', ')}, separated by commas, each at most once. See --help.`,
  );
}

function readExpiry(text: string, nowMs: number): string {
  const timeMs = readTime('--expires', text);
  if (timeMs <= nowMs) throw new CommandError('--expires must be in the future. See --help.');
  return new Date(timeMs).toISOString();
}

/** Whoever has the whole key at hand may give it whole: it is not repeated. */
function readPrefix(words: readonly string[]): string {
  const [word = '', ...rest] = words;
  expectNone(rest);
  const prefix = /^pad_([a-z2-7]{8})(_|$)/.exec(word)?.[1] ?? word;
  if (PREFIX_PATTERN.test(prefix)) return prefix;
  throw new CommandError('revoke needs the prefix of a key, as list shows it. See --help.');
}

function expectNone(words: readonly string[]): void {
  if (words.length > 0) throw new CommandError('There are more words than expected. See --help.');
}
