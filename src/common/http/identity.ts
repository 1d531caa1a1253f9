/** What a caller may be allowed to do; none of them implies another. */
export const SCOPES = ['predict', 'records', 'outcomes', 'admin', 'monitor'] as const;

/** One of `SCOPES`. */
export type Scope = (typeof SCOPES)[number];

/** The tenant of those who see the records of every tenant. */
export const EVERY_TENANT = '*';

/** What a tenant may be called: nothing that could break a line of a log, and never `EVERY_TENANT`. */
export const TENANT_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Who asks, as far as a guard could tell. */
export interface Identity {
  /** The key's name, or the subject of the token. */
  readonly name: string;
  /** Whose records the caller makes and sees, or `EVERY_TENANT`. */
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** How the caller proved it; `none` while access control is off. */
  readonly method: 'none' | 'key' | 'token' | 'session';
  /** Forms of a browser session must carry it; absent for all other methods. */
  readonly csrfToken?: string;
}

/** Everybody, while access control is off. */
export const ANONYMOUS: Identity = {
  name: 'anonymous',
  tenant: EVERY_TENANT,
  scopes: SCOPES,
  method: 'none',
};
