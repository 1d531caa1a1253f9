import { readFile } from 'node:fs/promises';
import { CommandError } from './command';
import { explainSystemError } from './explain-system-error';

/** What may stand behind `Bearer` in a header: a key, or a token. */
const CREDENTIAL = /^[\x21-\x7e]{1,8192}$/;

/**
 * The key a command sends to a service: `API_KEY`, or what the file named by `API_KEY_FILE` holds. Never an argument,
 * which every user of the machine can see.
 *
 * @returns undefined when neither is set
 * @throws {CommandError} naming the setting that cannot be used, never its value
 */
export async function readApiKey(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const text = environment['API_KEY']?.trim() ?? '';
  const path = environment['API_KEY_FILE']?.trim() ?? '';
  if (path === '') return text === '' ? undefined : check('API_KEY', text);
  if (text !== '') {
    throw new CommandError(
      'API_KEY must not be set together with API_KEY_FILE: one of them would be ignored.',
    );
  }
  return check('API_KEY_FILE', (await readText(path)).trim());
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(
      `API_KEY_FILE: ${explainSystemError(error)}. Expected a file that holds the key and nothing else.`,
      { cause: error },
    );
  }
}

function check(setting: string, key: string): string {
  if (CREDENTIAL.test(key)) return key;
  throw new CommandError(
    `${setting} must hold one key, as npm run keys -- create shows it: without spaces or other lines.`,
  );
}
