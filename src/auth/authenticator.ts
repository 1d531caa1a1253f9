import { type Identity } from '../common/http/identity';
import { ProblemException } from '../common/http/problem';
import { type ServiceRequest } from '../common/http/service-request';
import { type KeyRing } from './keys/key-ring';
import { readCredential } from './read-credential';
import { readCookie } from './sessions/cookies';
import { type Sessions } from './sessions/sessions';
import { type TokenVerifier } from './tokens/token-verifier';

/** Name of the cookie of a log-in. */
export const SESSION_COOKIE = 'session';

/** Where the cookie of a log-in counts: nowhere else could another site's link or form use it. */
const PAGES = /^\/monitoring(\/|$)/;

/** Says who asks, by key, token or session. */
export class Authenticator {
  constructor(
    private readonly keys: KeyRing,
    private readonly tokens: TokenVerifier | undefined,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Keys are recognised at once, tokens when they were seen before, sessions unless log-outs are shared; otherwise later.
   *
   * @throws {ProblemException} 401 without a valid key, token or session; one and the same, whatever is wrong with it
   */
  authenticate(request: ServiceRequest): Identity | Promise<Identity> {
    const credential = readCredential(request);
    switch (credential.kind) {
      case 'unusable':
        throw refuse(true);
      case 'none': {
        const cookie = PAGES.test(request.path) ? readCookie(request, SESSION_COOKIE) : undefined;
        const found = cookie === undefined ? undefined : this.sessions.identify(cookie);
        if (!(found instanceof Promise)) return expectIdentity(found, false);
        return found.then((identity) => expectIdentity(identity, false));
      }
      case 'key': {
        const key = this.keys.identify(credential.text);
        if (key === undefined) throw refuse(true);
        return key.identity;
      }
      case 'bearer':
        return this.identifyBearer(credential.text);
    }
  }

  private identifyBearer(text: string): Identity | Promise<Identity> {
    const key = this.keys.identify(text);
    if (key !== undefined) return key.identity;
    const found = this.tokens?.identify(text);
    if (!(found instanceof Promise)) return expectIdentity(found, true);
    return found.then((identity) => expectIdentity(identity, true));
  }
}

/** @param wasTried whether the request brought a key or token */
function expectIdentity(identity: Identity | undefined, wasTried: boolean): Identity {
  if (identity === undefined) throw refuse(wasTried);
  return identity;
}

/** RFC 6750: the challenge names an error only when there was something to be wrong. */
function refuse(wasTried: boolean): ProblemException {
  return new ProblemException(
    'unauthorized',
    'Send a valid key or token as Authorization: Bearer …, or a key as X-API-Key.',
    {
      headers: {
        'WWW-Authenticate': `Bearer realm="credit-scoring"${wasTried ? ', error="invalid_token"' : ''}`,
      },
    },
  );
}
