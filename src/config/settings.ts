import 'reflect-metadata';
import { IsNotEmpty, IsOptional, IsString, IsUrl, Matches, MinLength } from 'class-validator';
import { ROLES, TOKEN_ALGORITHMS } from './configuration';
import {
  AddressList,
  CronExpression,
  KeySetAddress,
  ListOf,
  NumberBetween,
  OneOf,
  OriginList,
  RateLimit,
  RedisAddress,
  RisingPair,
  ServerAddress,
  WholeNumber,
} from './setting-rules';

const FSYNC_MODES = ['never', 'always'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const PRIVATE_ADDRESSES = ['refuse', 'allow'] as const;
const STORAGES = ['file', 'postgres'] as const;
const CACHES = ['memory', 'redis'] as const;
const QUEUES = ['none', 'rabbitmq'] as const;
const SWITCH = ['off', 'on'] as const;

/** Roles of a process that is asked for nothing else. */
const USUAL_ROLES = 'api,monitoring';

/** A thousand a second on average: more than any desk asks for, and a small part of what one core decides. */
export const USUAL_RATE_LIMIT = '60000/60';

/** Short enough to be tried out, long enough that guessing is hopeless. */
const SHORTEST_SECRET = 16;

/** As many as there are bits in the signature: with fewer, guessing it would be the shortest way in. */
const SHORTEST_SESSION_SECRET = 32;

/** The settings as they stand in the environment; each message completes "KEY must be …". */
export class Settings {
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
  @RedisAddress()
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
export const NUMERIC_KEYS = [
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
] as const satisfies readonly (keyof Settings)[];
