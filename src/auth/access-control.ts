import { type CacheConnection } from '../cache/cache-connection';
import { type Clock } from '../common/clock';
import { SCOPES, EVERY_TENANT } from '../common/http/identity';
import { type AccessConfiguration } from '../config/configuration';
import { Authenticator } from './authenticator';
import { KeyRing } from './keys/key-ring';
import { KeysFile } from './keys/keys-file';
import { type LogInBrake } from './sessions/log-in-brake';
import { openSessionStores } from './sessions/open-session-stores';
import { Sessions } from './sessions/sessions';

/** Injection token of the `AccessControl`. */
export const ACCESS_CONTROL = Symbol('AccessControl');

/** Whether callers have to prove who they are, and what does it. */
export type AccessControl =
  | { readonly mode: 'off' }
  | {
      readonly mode: 'on';
      readonly authenticator: Authenticator;
      readonly keys: KeyRing;
      readonly sessions: Sessions;
      readonly brake: LogInBrake;
      close(): void;
    };

/** What it needs of the outside. */
interface Surroundings {
  readonly clock: Clock;
  /** Where log-outs and failed log-ins are shared. */
  readonly cache: CacheConnection;
  readonly logger: { error(message: object): void };
  /** Shows a text to the person who starts the service, and keeps it nowhere. */
  readonly show: (text: string) => void;
}

/**
 * Opens what the settings ask for. Where there is no key yet, one is made and shown.
 *
 * @throws {AccessError} when the keys, or what signs sessions, cannot be used
 */
export async function openAccessControl(
  access: AccessConfiguration,
  { clock, cache, logger, show }: Surroundings,
): Promise<AccessControl> {
  if (access.mode === 'off') return { mode: 'off' };
  const first = await new KeysFile(access.keysFile).createFirst(
    { name: 'administrator', tenant: EVERY_TENANT, scopes: SCOPES },
    clock(),
  );
  if (first !== undefined) show(announceFirstKey(first));
  const keys = await KeyRing.open(access.keysFile, clock, logger);
  const { ended, brake } = await openSessionStores(access, cache, clock);
  const sessions = await Sessions.open(access, keys, ended, clock);
  // Loaded only where tokens are taken: the library costs a twentieth of a start.
  const tokens =
    access.tokens &&
    (await (await import('./tokens/token-verifier')).TokenVerifier.open(access.tokens, clock, logger));
  return {
    mode: 'on',
    authenticator: new Authenticator(keys, tokens, sessions),
    keys,
    sessions,
    brake,
    close: () => {
      ended.close();
      keys.close();
      tokens?.close();
    },
  };
}

function announceFirstKey(text: string): string {
  return (
    `The first key of this service, shown only now: ${text}\n` +
    'It may do everything, for every tenant. Make others with npm run keys -- create, and revoke it then.\n'
  );
}
