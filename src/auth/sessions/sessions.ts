import { createHmac, randomBytes } from 'node:crypto';
import { type Clock } from '../../common/clock';
import { type Identity } from '../../common/http/identity';
import { type AccessConfiguration } from '../../config/configuration';
import { type KeyRing, type KnownKey } from '../keys/key-ring';
import { type EndedSessions } from './ended-sessions';
import { isSameText } from './is-same-text';
import { loadSessionSecret } from './session-secret';

/** A working day: who is still there logs in again. */
export const SESSION_SECONDS = 8 * 3_600;

const ID_BYTES = 16;

/** Id, prefix of the key, end in seconds since 1970, signature. */
const COOKIE_PATTERN = /^([A-Za-z0-9_-]{22})\.([a-z2-7]{8})\.(\d{10})\.([A-Za-z0-9_-]{43})$/;

/** What a signature is for: one made for a purpose is worth nothing for another. */
type Purpose = 'session' | 'form' | 'log-in';

interface Session {
  readonly id: string;
  readonly key: KnownKey;
}

/**
 * Log-ins to the pages. A session is its cookie: signed, bound to one key, and over after eight hours, with
 * the key, or by log-out. Nothing of the key itself is in it.
 */
export class Sessions {
  private constructor(
    private readonly secret: string,
    private readonly keys: KeyRing,
    private readonly ended: EndedSessions,
    private readonly clock: Clock,
  ) {}

  /** @throws {AccessError} when the secret cannot be used */
  static async open(
    access: AccessConfiguration,
    keys: KeyRing,
    ended: EndedSessions,
    clock: Clock,
  ): Promise<Sessions> {
    return new Sessions(await loadSessionSecret(access), keys, ended, clock);
  }

  /** Starts a session of a key: the cookie's value. The id is new, whatever cookie the browser had before. */
  start(key: KnownKey): string {
    const id = randomBytes(ID_BYTES).toString('base64url');
    const ends = Math.floor(this.clock() / 1_000) + SESSION_SECONDS;
    const claims = `${id}.${key.prefix}.${ends}`;
    return `${claims}.${this.sign('session', claims, key)}`;
  }

  /**
   * Who is logged in; undefined when the session is forged, over or ended, or its key is no longer valid. At once,
   * unless other instances have to be asked whether it was ended.
   */
  identify(cookie: string): Identity | undefined | Promise<Identity | undefined> {
    const session = this.read(cookie);
    if (session === undefined) return undefined;
    const csrfToken = this.sign('form', session.id, session.key);
    const identity: Identity = { ...session.key.identity, method: 'session', csrfToken };
    const hasEnded = this.ended.has(session.id);
    if (hasEnded instanceof Promise) return hasEnded.then((ended) => (ended ? undefined : identity));
    return hasEnded ? undefined : identity;
  }

  /** Ends a session for good: its cookie is worth nothing from now on, wherever it was copied to. */
  async end(cookie: string): Promise<void> {
    const session = this.read(cookie);
    if (session !== undefined) await this.ended.add(session.id, this.clock());
  }

  /** Signs what the log-in form carries, so that no other site can send it in a visitor's name. */
  signLogIn(nonce: string): string {
    return this.sign('log-in', nonce);
  }

  /** The session of a cookie that is genuine and not over; it may have been ended. */
  private read(cookie: string): Session | undefined {
    const [, id = '', prefix = '', ends = '', signature = ''] = COOKIE_PATTERN.exec(cookie) ?? [];
    const key = this.keys.find(prefix);
    if (key === undefined) return undefined;
    if (!isSameText(signature, this.sign('session', `${id}.${prefix}.${ends}`, key))) return undefined;
    return Number(ends) * 1_000 <= this.clock() ? undefined : { id, key };
  }

  /** Over the key's hash too: a session is of one key, not of whichever has its prefix. */
  private sign(purpose: Purpose, text: string, key?: KnownKey): string {
    return createHmac('sha256', this.secret)
      .update(`${purpose}\n${text}\n`)
      .update(key?.sha256 ?? '')
      .digest('base64url');
  }
}
