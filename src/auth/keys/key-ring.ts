import { hash, timingSafeEqual } from 'node:crypto';
import { type Clock } from '../../common/clock';
import { type Identity } from '../../common/http/identity';
import { AccessError } from '../access-error';
import { WatchedFile } from '../files/watched-file';
import { type ApiKey, API_KEY_PATTERN } from './api-key';
import { parseKeysFile } from './parse-keys-file';

/** A key as it is looked up: nothing is made anew for a request. */
export interface KnownKey {
  readonly prefix: string;
  readonly identity: Identity;
  readonly sha256: Buffer;
  /** Milliseconds since 1970; Infinity: never. */
  readonly expiresAtMs: number;
}

/** What a key with an unknown prefix is compared with, so that it takes as long as one with a known prefix. */
const NO_KEY = Buffer.alloc(32);

/** The logger's part that this needs. */
interface ErrorLog {
  error(message: object): void;
}

/** The API keys, in memory; follows its file within a second. */
export class KeyRing {
  /** Undefined until the file was read for the first time. */
  private keys: ReadonlyMap<string, KnownKey> | undefined;
  private file: WatchedFile | undefined;

  private constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly logger: ErrorLog,
  ) {}

  /** @throws {AccessError} when the file is missing or damaged: at start there is no last good one to keep */
  static async open(path: string, clock: Clock, logger: ErrorLog): Promise<KeyRing> {
    const ring = new KeyRing(path, clock, logger);
    let problem: AccessError | undefined;
    const keepLast = (error: AccessError): void => {
      problem = error;
      if (ring.keys !== undefined) ring.complain(error);
    };
    ring.file = await WatchedFile.open(
      path,
      (text) => {
        try {
          ring.take(text);
        } catch (error) {
          keepLast(error instanceof AccessError ? error : new AccessError(String(error), { cause: error }));
        }
      },
      (error) => {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
        keepLast(new AccessError(`${path}: cannot be read (${code}).`));
      },
    );
    if (problem !== undefined) {
      ring.close();
      throw problem;
    }
    return ring;
  }

  /** Reads the file now, if it changed. */
  async refresh(): Promise<void> {
    await this.file?.look();
  }

  close(): void {
    this.file?.close();
  }

  /**
   * The key that a text is; undefined when it is unknown, wrong, expired or revoked. Takes the same time for
   * every text that looks like a key.
   *
   * Cost: one SHA-256 and one look-up, two microseconds; no I/O.
   */
  identify(text: string): KnownKey | undefined {
    const prefix = API_KEY_PATTERN.exec(text)?.[1];
    if (prefix === undefined) return undefined;
    const found = this.keys?.get(prefix);
    const equal = timingSafeEqual(hash('sha256', text, 'buffer'), found?.sha256 ?? NO_KEY);
    if (found === undefined || !equal || found.expiresAtMs <= this.clock()) return undefined;
    return found;
  }

  /** A key that is valid now, by its prefix: for sessions, which carry no key. */
  find(prefix: string): KnownKey | undefined {
    const found = this.keys?.get(prefix);
    return found === undefined || found.expiresAtMs <= this.clock() ? undefined : found;
  }

  private take(text: string | null): void {
    if (text === null) throw new AccessError(`${this.path}: there is no such file.`);
    const valid = parseKeysFile(this.path, text).filter((key) => key.revokedAt === undefined);
    this.keys = new Map(valid.map((key) => [key.prefix, toKnownKey(key)]));
  }

  private complain({ message }: AccessError): void {
    this.logger.error({
      msg: 'the API keys cannot be read: those read last go on counting, and changes have no effect',
      reason: message,
    });
  }
}

function toKnownKey({ prefix, name, tenant, scopes, sha256, expiresAt }: ApiKey): KnownKey {
  return {
    prefix,
    identity: Object.freeze({ name, tenant, scopes, method: 'key' }),
    sha256: Buffer.from(sha256, 'hex'),
    expiresAtMs: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
  };
}
