import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { CronTime } from 'cron';
import {
  type CacheConfiguration,
  type Configuration,
  type QueueConfiguration,
  type RateLimitConfiguration,
  type Role,
  ROLES,
  type StorageConfiguration,
  TOKEN_ALGORITHMS,
  type TokenAlgorithm,
  type TokenConfiguration,
  type WebhookConfiguration,
} from './configuration';
import { isLoopback } from './is-loopback';
import { readSecretFiles } from './read-secret-files';

const FSYNC_MODES = ['never', 'always'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const PRIVATE_ADDRESSES = ['refuse', 'allow'] as const;
const STORAGES = ['file', 'postgres'] as const;
const CACHES = ['memory', 'redis'] as const;
const QUEUES = ['none', 'rabbitmq'] as const;
const SWITCH = ['off', 'on'] as const;

/** Ports when none is set: the pages stand beside the API when both run on one machine. */
const USUAL_PORT = { api: 8000, monitoring: 8501, worker: 8502 } as const;

/** Roles of a process that is asked for nothing else. */
const USUAL_ROLES = 'api,monitoring';

/** A thousand a second on average: more than any desk asks for, and a small part of what one core decides. */
const USUAL_RATE_LIMIT = '60000/60';
const RATE_LIMIT_PATTERN = /^([1-9]\d{0,8})\/([1-9]\d{0,4})$/;
/** Longer windows are quotas, which a process that restarts cannot keep. */
const LONGEST_RATE_WINDOW_SECONDS = 3_600;

const PSI_PATTERN = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;

/** Short enough to be tried out, long enough that guessing is hopeless. */
const SHORTEST_SECRET = 16;

/** As many as there are bits in the signature: with fewer, guessing it would be the shortest way in. */
const SHORTEST_SESSION_SECRET = 32;

/** The settings as they stand in the environment; each message completes "KEY must be …". */
class Environment {
  @ListOf(ROLES)
  ROLES = USUAL_ROLES;

  @IsOptional()
  @WholeNumber(0, 65_535, ' (0 lets the system choose)')
  PORT?: number;

  /** Loopback unless said otherwise: without access control the service is not open to a network. */
  @IsString({ message: 'an address to listen on, such as 127.0.0.1 or 0.0.0.0' })
  @IsNotEmpty({ message: 'an address to listen on, such as 127.0.0.1 or 0.0.0.0' })
  HOST = '127.0.0.1';

  @IsNotEmpty({ message: 'the folder of model bundles' })
  MODELS_DIR = 'models';

  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9.-]*(\/\d+\.\d+\.\d+)?$/, {
    message: 'a model in MODELS_DIR as name or name/version, such as credit-default/1.0.0',
  })
  MODEL?: string;

  @IsNotEmpty({ message: 'the folder that holds logs/' })
  DATA_DIR = 'data';

  @OneOf(FSYNC_MODES)
  LOG_FSYNC: (typeof FSYNC_MODES)[number] = 'never';

  @OneOf(STORAGES)
  STORAGE: (typeof STORAGES)[number] = 'file';

  @IsOptional()
  @ServerAddress(['postgres:', 'postgresql:'], 'postgresql://user:password@host:5432/database')
  DATABASE_URL?: string;

  @OneOf(CACHES)
  CACHE: (typeof CACHES)[number] = 'memory';

  @IsOptional()
  @ServerAddress(['redis:', 'rediss:'], 'redis://user:password@host:6379/0')
  REDIS_URL?: string;

  @OneOf(SWITCH)
  CACHE_PREDICTIONS: (typeof SWITCH)[number] = 'off';

  @OneOf(QUEUES)
  QUEUE: (typeof QUEUES)[number] = 'none';

  @IsOptional()
  @ServerAddress(['amqp:', 'amqps:'], 'amqp://user:password@host:5672/')
  RABBITMQ_URL?: string;

  @IsOptional()
  @MinLength(SHORTEST_SECRET, { message: `a secret of at least ${SHORTEST_SECRET} characters` })
  CALLBACK_SECRET?: string;

  @OneOf(PRIVATE_ADDRESSES)
  CALLBACK_PRIVATE: (typeof PRIVATE_ADDRESSES)[number] = 'refuse';

  /** What Node's own tools and hosts set where customers are served. */
  NODE_ENV?: string;

  @OneOf(SWITCH)
  AUTH: (typeof SWITCH)[number] = 'off';

  @IsOptional()
  @IsString({ message: 'the file of the API keys' })
  API_KEYS_FILE?: string;

  @IsOptional()
  @MinLength(SHORTEST_SESSION_SECRET, {
    message: `a secret of at least ${SHORTEST_SESSION_SECRET} characters, such as openssl rand -base64 32 prints`,
  })
  SESSION_SECRET?: string;

  @IsOptional()
  @KeySetAddress()
  JWT_JWKS?: string;

  @IsOptional()
  @IsString({ message: 'the iss that tokens have' })
  JWT_ISSUER?: string;

  @IsOptional()
  @IsString({ message: 'the aud that tokens have' })
  JWT_AUDIENCE?: string;

  @ListOf(TOKEN_ALGORITHMS)
  JWT_ALGORITHMS = 'RS256,ES256,EdDSA';

  @IsOptional()
  @RateLimit()
  RATE_LIMIT?: string;

  @AddressList()
  TRUST_PROXY = '';

  @OriginList()
  CORS_ORIGINS = '';

  @CronExpression()
  DRIFT_CRON = '5 0 * * *';

  @WholeNumber(1, 744)
  DRIFT_WINDOW_HOURS = 24;

  @WholeNumber(20, 1_000_000)
  DRIFT_MIN_ROWS = 200;

  @RisingPair()
  DRIFT_PSI = '0.1/0.25';

  @NumberBetween(0.0001, 0.5)
  DRIFT_FDR = 0.05;

  @NumberBetween(0.0001, 1)
  ALERT_ERROR_RATE = 0.02;

  @WholeNumber(1, 60_000)
  ALERT_LATENCY_P95_MS = 250;

  @WholeNumber(1, 10_080)
  ALERT_SILENCE_MINUTES = 60;

  @WholeNumber(0, 10_080)
  ALERT_COOLDOWN_MINUTES = 60;

  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true },
    { message: 'an http or https address without a user name or password' },
  )
  ALERT_WEBHOOK_URL?: string;

  @IsOptional()
  @MinLength(SHORTEST_SECRET, { message: `a secret of at least ${SHORTEST_SECRET} characters` })
  ALERT_WEBHOOK_SECRET?: string;

  @OneOf(PRIVATE_ADDRESSES)
  ALERT_WEBHOOK_PRIVATE: (typeof PRIVATE_ADDRESSES)[number] = 'refuse';

  @WholeNumber(1, 36_500)
  RETENTION_DAYS = 760;

  @WholeNumber(0, 300_000)
  SHUTDOWN_DELAY_MS = 0;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';
}

/** Which settings are numbers; the environment only knows texts. */
const NUMERIC_KEYS = [
  'PORT',
  'DRIFT_WINDOW_HOURS',
  'DRIFT_MIN_ROWS',
  'DRIFT_FDR',
  'ALERT_ERROR_RATE',
  'ALERT_LATENCY_P95_MS',
  'ALERT_SILENCE_MINUTES',
  'ALERT_COOLDOWN_MINUTES',
  'RETENTION_DAYS',
  'SHUTDOWN_DELAY_MS',
] as const satisfies readonly (keyof Environment)[];

/** Settings that cannot be used. Names every wrong key at once, and never a value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * Turns the environment into the service's configuration. An empty variable counts as not set.
 *
 * @throws {ConfigurationError} naming every key that is wrong and what it must be
 */
export function parseConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const { secrets, problems } = readSecretFiles(environment);
  const known = Object.fromEntries(
    Object.entries({ ...environment, ...secrets }).filter(
      ([, value]) => value !== undefined && value.trim() !== '',
    ),
  );
  const numbers = NUMERIC_KEYS.flatMap((key) => {
    const text = known[key];
    return text === undefined ? [] : [[key, toNumber(text)] as const];
  });
  const settings = plainToInstance(Environment, { ...known, ...Object.fromEntries(numbers) });
  const lines = validateSync(settings, { forbidUnknownValues: true, stopAtFirstError: true }).map(
    (error) => `${error.property} must be ${Object.values(error.constraints ?? {})[0] ?? 'valid'}`,
  );
  lines.push(...findContradictions(settings), ...findMissingServers(settings), ...problems);
  if (lines.length > 0) {
    throw new ConfigurationError(
      `Settings in the environment: ${lines.join('; ')}. README.md lists them all.`,
    );
  }
  return deepFreeze(toConfiguration(settings));
}

/** What is wrong between settings that are right one by one. */
function findContradictions(settings: Environment): string[] {
  const lines: string[] = [];
  if (settings.ALERT_WEBHOOK_URL !== undefined && settings.ALERT_WEBHOOK_SECRET === undefined) {
    lines.push(
      'ALERT_WEBHOOK_SECRET must be set with ALERT_WEBHOOK_URL: receivers check the signature by it',
    );
  }
  if (settings.AUTH === 'off' && settings.NODE_ENV === 'production') {
    lines.push('AUTH must be on while NODE_ENV is production: anybody could decide and read otherwise');
  }
  if (settings.AUTH === 'off' && !isLoopback(settings.HOST)) {
    lines.push('AUTH must be on while HOST is open to a network; without it only 127.0.0.1 is listened on');
  }
  const { JWT_JWKS, JWT_ISSUER, JWT_AUDIENCE } = settings;
  if (JWT_JWKS === undefined && (JWT_ISSUER ?? JWT_AUDIENCE) !== undefined) {
    lines.push('JWT_JWKS must be set with JWT_ISSUER and JWT_AUDIENCE: tokens are checked by its keys');
  }
  if (JWT_JWKS !== undefined && JWT_ISSUER === undefined) {
    lines.push('JWT_ISSUER must be set with JWT_JWKS: the keys of one issuer must not vouch for another');
  }
  if (JWT_JWKS !== undefined && JWT_AUDIENCE === undefined) {
    lines.push(
      'JWT_AUDIENCE must be set with JWT_JWKS: tokens made for other services must not open this one',
    );
  }
  return lines;
}

/** Each kind of server needs its address, and a process of its own for jobs needs a log with several writers. */
function findMissingServers(settings: Environment): string[] {
  const lines: string[] = [];
  if (settings.STORAGE === 'postgres' && settings.DATABASE_URL === undefined) {
    lines.push('DATABASE_URL must be set with STORAGE=postgres: the address of the database');
  }
  if (settings.CACHE === 'redis' && settings.REDIS_URL === undefined) {
    lines.push('REDIS_URL must be set with CACHE=redis: the address of the server');
  }
  if (settings.QUEUE === 'rabbitmq' && settings.RABBITMQ_URL === undefined) {
    lines.push('RABBITMQ_URL must be set with QUEUE=rabbitmq: the address of the server');
  }
  const roles = splitList(settings.ROLES);
  if (roles.includes('worker') && settings.QUEUE !== 'rabbitmq') {
    lines.push('QUEUE must be rabbitmq while ROLES hold worker: a worker takes its work from there');
  }
  if (roles.includes('worker') && !roles.includes('api') && settings.STORAGE === 'file') {
    lines.push(
      'STORAGE must be postgres while ROLES hold worker without api: the log on files has one writer only',
    );
  }
  return lines;
}

function toConfiguration(settings: Environment): Configuration {
  const roles = splitList(settings.ROLES) as Role[];
  const logFolder = join(resolve(settings.DATA_DIR), 'logs');
  return {
    roles,
    http: {
      port: settings.PORT ?? USUAL_PORT[ROLES.find((role) => roles.includes(role)) ?? 'api'],
      host: settings.HOST,
      trustedProxies: splitEntries(settings.TRUST_PROXY),
      corsOrigins: splitEntries(settings.CORS_ORIGINS),
      shutdownDelayMs: settings.SHUTDOWN_DELAY_MS,
    },
    model: { folder: resolve(settings.MODELS_DIR), selection: settings.MODEL },
    log: { folder: logFolder, fsync: settings.LOG_FSYNC },
    storage: toStorage(settings),
    cache: toCache(settings),
    cachesPredictions: settings.CACHE_PREDICTIONS === 'on',
    queue: toQueue(settings),
    rateLimit: toRateLimit(settings),
    access: {
      mode: settings.AUTH,
      keysFile: resolve(settings.API_KEYS_FILE ?? join(logFolder, 'access', 'keys.json')),
      sessionSecret: settings.SESSION_SECRET,
      tokens: toTokens(settings),
    },
    monitoring: {
      folder: join(logFolder, 'monitoring'),
      drift: {
        cron: settings.DRIFT_CRON,
        windowHours: settings.DRIFT_WINDOW_HOURS,
        minimumRows: settings.DRIFT_MIN_ROWS,
        psi: splitPair(settings.DRIFT_PSI),
        falseDiscoveryRate: settings.DRIFT_FDR,
      },
      alerts: {
        errorRate: settings.ALERT_ERROR_RATE,
        latencyP95Ms: settings.ALERT_LATENCY_P95_MS,
        silenceMinutes: settings.ALERT_SILENCE_MINUTES,
        cooldownMinutes: settings.ALERT_COOLDOWN_MINUTES,
        webhook: toWebhook(settings),
      },
      retentionDays: settings.RETENTION_DAYS,
    },
    logLevel: settings.LOG_LEVEL,
  };
}

function toStorage({ STORAGE, DATABASE_URL: url }: Environment): StorageConfiguration {
  return STORAGE === 'postgres' && url !== undefined ? { kind: 'postgres', url } : { kind: 'file' };
}

function toCache({ CACHE, REDIS_URL: url }: Environment): CacheConfiguration {
  return CACHE === 'redis' && url !== undefined ? { kind: 'redis', url } : { kind: 'memory' };
}

function toQueue(settings: Environment): QueueConfiguration {
  const { QUEUE, RABBITMQ_URL: url, CALLBACK_SECRET: callbackSecret } = settings;
  if (QUEUE === 'none' || url === undefined) return { kind: 'none' };
  return {
    kind: 'rabbitmq',
    url,
    callbackSecret,
    allowPrivateCallbacks: settings.CALLBACK_PRIVATE === 'allow',
  };
}

function toTokens(settings: Environment): TokenConfiguration | undefined {
  const { JWT_JWKS: keySet, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = settings;
  if (keySet === undefined || issuer === undefined || audience === undefined) return undefined;
  return {
    issuer,
    audience,
    algorithms: splitList(settings.JWT_ALGORITHMS) as TokenAlgorithm[],
    keySet: isAddress(keySet) ? { kind: 'url', url: keySet } : { kind: 'file', path: resolve(keySet) },
  };
}

/** Without access control all callers are on this machine, and in nobody's way but their own. */
function toRateLimit({ RATE_LIMIT, AUTH }: Environment): RateLimitConfiguration | undefined {
  const [, requests, seconds] =
    RATE_LIMIT_PATTERN.exec(RATE_LIMIT ?? (AUTH === 'on' ? USUAL_RATE_LIMIT : '')) ?? [];
  if (requests === undefined) return undefined;
  return { requests: Number(requests), windowSeconds: Number(seconds) };
}

function toWebhook(settings: Environment): WebhookConfiguration | undefined {
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret } = settings;
  if (url === undefined || secret === undefined) return undefined;
  return { url, secret, allowPrivateAddresses: settings.ALERT_WEBHOOK_PRIVATE === 'allow' };
}

/** Plain decimal notation only: what `Number` takes besides, as `0x50`, is a slip of the pen. */
function toNumber(text: string): number {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
}

function splitList(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

/** As `splitList`, of which an empty text is an empty one. */
function splitEntries(text: string): string[] {
  return text === '' ? [] : splitList(text);
}

function splitPair(text: string): { moderate: number; major: number } {
  const [, moderate, major] = PSI_PATTERN.exec(text) ?? [];
  return { moderate: Number(moderate), major: Number(major) };
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  }
  return Object.freeze(value);
}

function OneOf(values: readonly string[]): PropertyDecorator {
  return IsIn(values, { message: `one of ${values.join(', ')}` });
}

function WholeNumber(minimum: number, maximum: number, note = ''): PropertyDecorator {
  const message = `a whole number from ${minimum} to ${maximum}${note}`;
  return all(IsInt({ message }), Min(minimum, { message }), Max(maximum, { message }));
}

function NumberBetween(minimum: number, maximum: number): PropertyDecorator {
  const message = `a number from ${minimum} to ${maximum}`;
  return all(IsNumber({}, { message }), Min(minimum, { message }), Max(maximum, { message }));
}

function ListOf(values: readonly string[]): PropertyDecorator {
  return TextThat(`a list of ${values.join(', ')}, separated by commas, each at most once`, (text) => {
    const words = splitList(text);
    return words.every((word) => values.includes(word)) && new Set(words).size === words.length;
  });
}

/** May hold a password: it is shown nowhere. */
function ServerAddress(protocols: readonly string[], example: string): PropertyDecorator {
  return TextThat(`an address such as ${example}`, (text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname } = new URL(text);
    // PostgreSQL's own notation for a socket has its folder in the query.
    return protocols.includes(protocol) && (hostname !== '' || protocol.startsWith('postgres'));
  });
}

function isAddress(text: string): boolean {
  return /^[a-z]+:\/\//i.test(text);
}

/** Keys that came over plain HTTP could be anybody's; on this machine itself nobody stands in between. */
function KeySetAddress(): PropertyDecorator {
  return TextThat('a file, or an https address without a user name or password', (text) => {
    if (!isAddress(text)) return true;
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, username, password } = new URL(text);
    if (username !== '' || password !== '') return false;
    return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  });
}

function RisingPair(): PropertyDecorator {
  return TextThat('two rising numbers as 0.1/0.25: from where a change is moderate, and major', (text) => {
    const { moderate, major } = splitPair(text);
    return moderate > 0 && major > moderate;
  });
}

function RateLimit(): PropertyDecorator {
  return TextThat(
    `off, or requests and seconds as ${USUAL_RATE_LIMIT}, at most ${LONGEST_RATE_WINDOW_SECONDS} seconds`,
    (text) => {
      const seconds = RATE_LIMIT_PATTERN.exec(text)?.[2];
      return text === 'off' || (seconds !== undefined && Number(seconds) <= LONGEST_RATE_WINDOW_SECONDS);
    },
  );
}

function AddressList(): PropertyDecorator {
  return TextThat('addresses and networks such as 10.0.0.7,10.1.0.0/16, separated by commas', (text) =>
    splitEntries(text).every((entry) => {
      const [, address = '', prefix = '32'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
      const family = isIP(address);
      // A prefix of 0 would believe anybody.
      return family !== 0 && Number(prefix) > 0 && Number(prefix) <= (family === 4 ? 32 : 128);
    }),
  );
}

function OriginList(): PropertyDecorator {
  return TextThat(
    'origins such as https://desk.example.org, without a path, separated by commas; or * alone',
    (text) => {
      const origins = splitEntries(text);
      if (origins.includes('*')) return origins.length === 1;
      return origins.every(
        (origin) =>
          /^https?:[^*]+$/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin,
      );
    },
  );
}

function CronExpression(): PropertyDecorator {
  return TextThat('a cron expression of five fields, such as 5 0 * * * (five past midnight, UTC)', (text) => {
    if (text.trim().split(/\s+/).length !== 5) return false;
    try {
      return new CronTime(text, 'UTC').getNextDateFrom(new Date()).isValid;
    } catch {
      return false;
    }
  });
}

function TextThat(message: string, holds: (text: string) => boolean): PropertyDecorator {
  return ValidateBy(
    { name: 'holds', validator: { validate: (value) => typeof value === 'string' && holds(value) } },
    { message },
  );
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
  };
}
