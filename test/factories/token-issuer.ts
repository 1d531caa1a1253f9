import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

const PAIRS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const;

/** A way to sign, by its name in `alg`. */
export type IssuerAlgorithm = keyof typeof PAIRS;

const ISSUER = 'https://login.example.org/';
const AUDIENCE = 'credit-scoring';

/** Somebody whose tokens the service believes, with a key for each algorithm. */
export class TokenIssuer {
  readonly keys: Readonly<Record<IssuerAlgorithm, { publicKey: KeyObject; privateKey: KeyObject }>>;

  constructor() {
    this.keys = { ES256: PAIRS.ES256(), RS256: PAIRS.RS256(), EdDSA: PAIRS.EdDSA() };
  }

  /** Settings under which the service believes this issuer. */
  static settings(keySet: string): Record<string, string> {
    return { JWT_JWKS: keySet, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE };
  }

  keySet(): { keys: Record<string, unknown>[] } {
    return {
      keys: Object.entries(this.keys).map(([alg, { publicKey }]) => ({
        ...publicKey.export({ format: 'jwk' }),
        kid: alg,
        alg,
        use: 'sig',
      })),
    };
  }

  async writeKeySet(path: string): Promise<void> {
    await writeFile(path, JSON.stringify(this.keySet()));
  }

  /** Claims that are believed for the next ten minutes. */
  claims(nowSeconds = Math.floor(Date.now() / 1_000)): JWTPayload {
    return {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'batch-job',
      iat: nowSeconds,
      exp: nowSeconds + 600,
      scope: 'predict records',
      tenant: 'shop',
    };
  }

  /** @param claims undefined ones are left out */
  sign(
    claims: JWTPayload = this.claims(),
    header: Partial<JWTHeaderParameters> = {},
    key?: KeyObject,
  ): Promise<string> {
    const alg = (header.alg ?? 'ES256') as IssuerAlgorithm;
    return new SignJWT(claims)
      .setProtectedHeader({ kid: alg, ...header, alg })
      .sign(key ?? this.keys[alg].privateKey);
  }
}

/** The parts of a token, put together again without asking whether they fit. */
export function forgeToken(header: object, claims: object, signature = ''): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode(header)}.${encode(claims)}.${signature}`;
}
