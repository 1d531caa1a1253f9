import { hash } from 'node:crypto';
import { errors, jwtVerify, type JWTVerifyOptions } from 'jose';
import { type Clock } from '../../common/clock';
import { type Identity } from '../../common/http/identity';
import { ProblemException } from '../../common/http/problem';
import { type TokenConfiguration } from '../../config/configuration';
import { type KeySource, KeysUnavailableError, openKeySource } from './key-source';
import { readTokenIdentity } from './read-token-identity';

/** Real tokens have one or two kilobytes; longer ones are refused before any work. */
const LONGEST_TOKEN = 8_192;
/** How far the clocks of issuer and service may differ, seconds. */
const CLOCK_TOLERANCE_SECONDS = 60;
/** Kinds of token that grant access. Others of the same issuer, such as log-out tokens, must not. */
const TOKEN_TYPES: ReadonlySet<string | undefined> = new Set([
  undefined,
  'jwt',
  'at+jwt',
  'application/at+jwt',
]);
/** A signature costs a tenth of a millisecond: whoever asks often is recognised without it. */
const MOST_REMEMBERED = 1_000;
/** How long a token is recognised; after that its key must still be there. */
const REMEMBERED_MS = 60_000;
/** When the issuer's keys cannot be had. */
const RETRY_AFTER_SECONDS = 10;

interface Remembered {
  readonly identity: Identity;
  readonly untilMs: number;
}

/** The logger's part that this needs. */
interface ErrorLog {
  error(message: object): void;
}

/** Checks tokens (JWT) as RFC 8725 asks: what is believed is in the settings, never in the token. */
export class TokenVerifier {
  private readonly options: Omit<JWTVerifyOptions, 'currentDate'>;

  private constructor(
    { issuer, audience, algorithms }: TokenConfiguration,
    private readonly keys: KeySource,
    private readonly clock: Clock,
    private readonly logger: ErrorLog,
    /** By the token's SHA-256: no token is kept. The oldest stands first. */
    private readonly remembered: Map<string, Remembered>,
  ) {
    this.options = {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'sub'],
    };
  }

  /** @throws {AccessError} when the keys of the settings cannot be used */
  static async open(
    configuration: TokenConfiguration,
    clock: Clock,
    logger: ErrorLog,
  ): Promise<TokenVerifier> {
    const remembered = new Map<string, Remembered>();
    const forget = (): void => {
      remembered.clear();
    };
    const keys = await openKeySource(configuration.keySet, forget, logger);
    return new TokenVerifier(configuration, keys, clock, logger, remembered);
  }

  /**
   * Who the token speaks for; undefined when it is not valid, whatever the reason.
   *
   * @throws {ProblemException} 503 when the issuer's keys cannot be had
   */
  identify(token: string): Identity | undefined | Promise<Identity | undefined> {
    if (token.length > LONGEST_TOKEN) return undefined;
    const name = hash('sha256', token, 'base64');
    const known = this.remembered.get(name);
    if (known !== undefined && this.clock() < known.untilMs) return known.identity;
    return this.verify(token, name);
  }

  close(): void {
    this.keys.close();
  }

  private async verify(token: string, name: string): Promise<Identity | undefined> {
    const nowMs = this.clock();
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.keys.find, {
        ...this.options,
        currentDate: new Date(nowMs),
      });
      if (!TOKEN_TYPES.has(protectedHeader.typ?.toLowerCase())) return undefined;
      const identity = readTokenIdentity(payload);
      if (identity === undefined) return undefined;
      const endsMs = ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1_000;
      this.remember(name, { identity, untilMs: Math.min(endsMs, nowMs + REMEMBERED_MS) });
      return identity;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      if (error instanceof TypeError) {
        this.logger.error({ msg: 'a key of JWT_JWKS cannot be used: too short, or damaged', err: error });
        return undefined;
      }
      if (!(error instanceof KeysUnavailableError)) throw error;
      this.logger.error({
        msg: "the issuer's public keys cannot be had: look at JWT_JWKS",
        err: error.cause,
      });
      throw new ProblemException(
        'keys-unavailable',
        "The issuer's public keys cannot be had. Try again later.",
        { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, cause: error },
      );
    }
  }

  private remember(name: string, remembered: Remembered): void {
    this.remembered.delete(name);
    this.remembered.set(name, remembered);
    if (this.remembered.size <= MOST_REMEMBERED) return;
    const [oldest] = this.remembered.keys();
    if (oldest !== undefined) this.remembered.delete(oldest);
  }
}
