export const ROLES = ['api', 'monitoring', 'worker'] as const;

/** `api` decides and writes the log; `monitoring` reads it and serves the pages; `worker` decides what was queued. */
export type Role = (typeof ROLES)[number];

/** How the service watches itself. */
export interface MonitoringConfiguration {
  /** Folder of summaries, drift reports and alerts: inside the log's, so that one volume holds all. */
  readonly folder: string;
  readonly drift: {
    /** When a drift report is made: a cron expression of five fields, in UTC. */
    readonly cron: string;
    /** Whole hours before that moment which the report is about. */
    readonly windowHours: number;
    /** Rows below which an input is called neither stable nor drifted. */
    readonly minimumRows: number;
    /** PSI from which a change is moderate, and from which it is major. */
    readonly psi: { readonly moderate: number; readonly major: number };
    /** Expected share of false alarms among the inputs called drifted, Benjamini–Hochberg's q. */
    readonly falseDiscoveryRate: number;
  };
  readonly alerts: {
    /** Share of failed requests (status 500 and above), 0 to 1. */
    readonly errorRate: number;
    /** 95th percentile of the time to answer, milliseconds. */
    readonly latencyP95Ms: number;
    /** Minutes without a request, after there were some. */
    readonly silenceMinutes: number;
    /** Minutes for which a cause that was closed does not notify again. */
    readonly cooldownMinutes: number;
    /** Undefined: alerts go to the log only. */
    readonly webhook: WebhookConfiguration | undefined;
  };
  /** Days for which summaries, drift reports and closed alerts are kept. */
  readonly retentionDays: number;
}

/** Where alerts are sent. */
export interface WebhookConfiguration {
  readonly url: string;
  /** Key of the HMAC-SHA256 in the `X-Signature-256` header. */
  readonly secret: string;
  /** Whether addresses of private networks and of this machine may be sent to. */
  readonly allowPrivateAddresses: boolean;
}

/** Signature algorithms a token may have: public keys only, so no shared secret and never `none`. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** One of `TOKEN_ALGORITHMS`. */
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** Whose tokens (JWT) are believed. */
export interface TokenConfiguration {
  /** The `iss` a token must have. */
  readonly issuer: string;
  /** The `aud` a token must hold. */
  readonly audience: string;
  readonly algorithms: readonly TokenAlgorithm[];
  /** Where the issuer's public keys (JWKS) are. */
  readonly keySet:
    { readonly kind: 'file'; readonly path: string } | { readonly kind: 'url'; readonly url: string };
}

/** Who may ask for what. */
export interface AccessConfiguration {
  /** `off`: everybody may do everything; only on loopback, and not in production. */
  readonly mode: 'off' | 'on';
  /** File of the API keys; what belongs to log-ins lies beside it. */
  readonly keysFile: string;
  /** Signs sessions; undefined: one is made, once, beside the keys. */
  readonly sessionSecret: string | undefined;
  /** Undefined: tokens are not taken. */
  readonly tokens: TokenConfiguration | undefined;
}

/** How much may be asked for in a span of time. */
export interface RateLimitConfiguration {
  /** Requests; a batch counts as many as it has rows. */
  readonly requests: number;
  readonly windowSeconds: number;
}

/** Where records, and what is made from them, are kept. */
export type StorageConfiguration =
  | { readonly kind: 'file' }
  /** Several processes, on several machines, may share it. */
  | { readonly kind: 'postgres'; readonly url: string };

/** Where what may be forgotten is kept: counts of rate limits, keys in flight, sessions that ended, answers. */
export type CacheConfiguration =
  | { readonly kind: 'memory' }
  /** All instances share it. */
  | { readonly kind: 'redis'; readonly url: string };

/** How applications wait for a worker. */
export type QueueConfiguration =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'rabbitmq';
      readonly url: string;
      /** Key of the signature of callbacks; undefined: callbacks are not made. */
      readonly callbackSecret: string | undefined;
      /** Whether callbacks may be sent to private networks and to this machine. */
      readonly allowPrivateCallbacks: boolean;
    };

/** What the environment decided, checked and frozen. Durations and sizes carry their unit in the name. */
export interface Configuration {
  /** What this process does. */
  readonly roles: readonly Role[];
  readonly http: {
    /** 0 lets the operating system choose. */
    readonly port: number;
    readonly host: string;
    /** Addresses and networks of the proxies in front: only they are believed about where a request came from. */
    readonly trustedProxies: readonly string[];
    /** Origins whose scripts may read answers, such as `https://desk.example.org`; or `*` alone. */
    readonly corsOrigins: readonly string[];
    /** How long everything is still answered after a signal to stop, while `/health/ready` says no; milliseconds. */
    readonly shutdownDelayMs: number;
  };
  readonly model: {
    /** Folder of bundles, `<name>/<version>/`. */
    readonly folder: string;
    /** `name` (its newest version), `name/version`, or undefined: the only name in the folder. */
    readonly selection: string | undefined;
  };
  readonly log: {
    /** Folder of the prediction log, and of what belongs to one machine. */
    readonly folder: string;
    /** `always`: each answer waits until the disk itself confirms. */
    readonly fsync: 'never' | 'always';
  };
  readonly storage: StorageConfiguration;
  readonly cache: CacheConfiguration;
  /** Whether the probability of an application that was scored before is taken from the cache. */
  readonly cachesPredictions: boolean;
  readonly queue: QueueConfiguration;
  readonly access: AccessConfiguration;
  /** What one caller, or one address of callers nobody knows, may ask for; undefined: as much as it likes. */
  readonly rateLimit: RateLimitConfiguration | undefined;
  readonly monitoring: MonitoringConfiguration;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
}

/** Injection token of the `Configuration`. */
export const CONFIGURATION = Symbol('Configuration');

/** Whether a process of these roles makes decisions, and so writes the log. */
export function decides(roles: readonly Role[]): boolean {
  return roles.includes('api') || roles.includes('worker');
}
