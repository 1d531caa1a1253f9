import { type AuditSink } from '../audit/audit-sink';
import { withAuditSink } from '../audit/with-audit-sink';
import { AccessError } from '../auth/access-error';
import { KeysFile } from '../auth/keys/keys-file';
import { type Configuration } from '../config/configuration';
import { parseConfiguration } from '../config/parse-configuration';
import { LogUnavailableError } from '../logging/prediction-log';
import { type AuditAction } from '../common/audit';
import { readUserContext } from './read-user-context';
import { CommandError, EXIT_CODES, type ExitCode, type Surroundings } from './command';
import { explainSystemError, readSystemErrorCode } from './explain-system-error';
import { KEYS_USAGE, readKeysOptions, type KeysOptions } from './keys-options';
import { formatKeysTable } from './keys-table';

/** `npm run keys`: makes, lists and revokes API keys. */
export async function keys({ words, environment, output, messages }: Surroundings): Promise<ExitCode> {
  const options = readKeysOptions(words, Date.now());
  if (options === 'help') {
    output.write(KEYS_USAGE);
    return EXIT_CODES.done;
  }
  const configuration = parseConfiguration(environment);
  const { keysFile } = configuration.access;
  try {
    const { result, note } = await act(new KeysFile(keysFile), configuration, options);
    // The key alone on the standard output, so that it can be piped to where it belongs.
    output.write(result);
    messages.write(note);
    return EXIT_CODES.done;
  } catch (error) {
    if (error instanceof AccessError || error instanceof LogUnavailableError)
      throw new CommandError(error.message, { cause: error });
    if (readSystemErrorCode(error) === undefined) throw error;
    throw new CommandError(
      `${keysFile}: cannot be changed: ${explainSystemError(error)}. Run as the service's user.`,
      { cause: error },
    );
  }
}

async function act(
  file: KeysFile,
  configuration: Configuration,
  options: KeysOptions,
): Promise<{ result: string; note: string }> {
  const nowMs = Date.now();
  switch (options.action) {
    case 'create': {
      const { text, key } = await withAuditSink(configuration, Date.now, async (audit) => {
        const made = await file.create(options.wishes, nowMs);
        await record(audit, 'key-created', made.key.prefix);
        return made;
      });
      const note = `Keep it now, it is not shown again. Revoke it with: npm run keys -- revoke ${key.prefix}\n`;
      return { result: `${text}\n`, note };
    }
    case 'list':
      return { result: formatKeysTable(await file.list(), nowMs), note: '' };
    case 'revoke': {
      const { name, prefix } = await withAuditSink(configuration, Date.now, async (audit) => {
        const revoked = await file.revoke(options.prefix, nowMs);
        await record(audit, 'key-revoked', revoked.prefix);
        return revoked;
      });
      return { result: '', note: `${prefix} (${name}) is refused within a second, and its log-ins end.\n` };
    }
  }
}

/** @throws {CommandError} the act was done and is not on record */
async function record(audit: AuditSink, action: AuditAction, prefix: string): Promise<void> {
  const { caller, from = '' } = readUserContext();
  try {
    await audit.append({ caller, audit: { action, subject: prefix, outcome: 'done', from } });
  } catch (error) {
    if (!(error instanceof LogUnavailableError)) throw error;
    throw new CommandError(
      `${prefix}: ${action}, but the audit trail could not be written. ${error.message}.`,
      {
        cause: error,
      },
    );
  }
}
