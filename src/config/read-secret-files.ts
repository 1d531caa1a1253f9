import { readFileSync } from 'node:fs';

/** Settings that hold a secret: each may stand in a file that its name with `_FILE` says, as orchestrators mount them. */
const SECRET_KEYS = [
  'DATABASE_URL',
  'REDIS_URL',
  'RABBITMQ_URL',
  'SESSION_SECRET',
  'ALERT_WEBHOOK_SECRET',
  'CALLBACK_SECRET',
] as const;

/** What the files hold, and which settings are wrong. */
export interface SecretFiles {
  readonly secrets: Readonly<Record<string, string>>;
  /** Each completes a list of problems; none holds a value. */
  readonly problems: readonly string[];
}

/**
 * Reads the files that `DATABASE_URL_FILE` and its like name. A line end behind the secret is not part of it.
 */
export function readSecretFiles(environment: Readonly<Record<string, string | undefined>>): SecretFiles {
  const secrets: Record<string, string> = {};
  const problems: string[] = [];
  for (const key of SECRET_KEYS) {
    const path = environment[`${key}_FILE`]?.trim() ?? '';
    if (path === '') continue;
    if ((environment[key] ?? '').trim() !== '') {
      problems.push(`${key} must not be set together with ${key}_FILE: one of them would be ignored`);
      continue;
    }
    try {
      const secret = readFileSync(path, 'utf8').trim();
      if (secret === '') problems.push(`${key}_FILE must be a file that holds the value: it is empty`);
      else secrets[key] = secret;
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      problems.push(`${key}_FILE must be a file that can be read (${code})`);
    }
  }
  return { secrets, problems };
}
