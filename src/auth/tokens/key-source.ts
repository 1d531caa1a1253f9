import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { type TokenConfiguration } from '../../config/configuration';
import { AccessError } from '../access-error';
import { WatchedFile } from '../files/watched-file';
import { parseKeySet } from './parse-key-set';

/** Longer, and callers would give up first. */
const FETCH_TIMEOUT_MS = 5_000;
/** A key the issuer took back counts at most this much longer. */
const FETCHED_KEYS_LAST_MS = 600_000;
/** Tokens that name unknown keys do not make the service ask the issuer more often. */
const FETCH_COOLDOWN_MS = 30_000;

/** Errors of the library that a token's own header causes. */
const TOKENS_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** The issuer's keys could not be fetched: no token can be judged. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
}

/** The public keys that tokens are checked with. */
export interface KeySource {
  /**
   * Finds the key for a token's header: one of ours, whatever address or key the token itself offers.
   * Rejects with `KeysUnavailableError`, or with an error of the library when the header asks for no key of ours.
   */
  readonly find: JWTVerifyGetKey;
  close(): void;
}

/** The logger's part that this needs. */
interface ErrorLog {
  error(message: object): void;
}

/**
 * Opens the keys of the settings.
 *
 * @param onChange called when keys may have been taken back
 * @throws {AccessError} when the file cannot be used; an address is asked only when a token comes
 */
export async function openKeySource(
  keySet: TokenConfiguration['keySet'],
  onChange: () => void,
  logger: ErrorLog,
): Promise<KeySource> {
  switch (keySet.kind) {
    case 'file':
      return openFile(keySet.path, onChange, logger);
    case 'url':
      return openAddress(new URL(keySet.url));
  }
}

function openAddress(url: URL): KeySource {
  const fetched = createRemoteJWKSet(url, {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: FETCHED_KEYS_LAST_MS,
    cooldownDuration: FETCH_COOLDOWN_MS,
  });
  return {
    find: async (header, token) => {
      try {
        return await fetched(header, token);
      } catch (error) {
        if (TOKENS_FAULTS.some((fault) => error instanceof fault)) throw error;
        throw new KeysUnavailableError('JWT_JWKS: the keys cannot be fetched', { cause: error });
      }
    },
    close: () => undefined,
  };
}

async function openFile(path: string, onChange: () => void, logger: ErrorLog): Promise<KeySource> {
  let find = createLocalJWKSet(parseKeySet(path, await readAtStart(path)));
  const complain = (reason: string): void => {
    logger.error({
      msg: 'the public keys of JWT_JWKS cannot be read: those read last go on counting',
      reason,
    });
  };
  const file = await WatchedFile.open(
    path,
    (text) => {
      try {
        if (text === null) throw new AccessError(`${path}: there is no such file.`);
        find = createLocalJWKSet(parseKeySet(path, text));
        onChange();
      } catch (error) {
        complain(error instanceof Error ? error.message : String(error));
      }
    },
    (error) => {
      complain(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`);
    },
  );
  return {
    find: (header, token) => find(header, token),
    close: () => {
      file.close();
    },
  };
}

async function readAtStart(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new AccessError(`JWT_JWKS: the file cannot be read (${code}). Set it to the JWKS of the issuer.`, {
      cause: error,
    });
  }
}
