import { join, resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import {
  type CacheConfiguration,
  type Configuration,
  type QueueConfiguration,
  type RateLimitConfiguration,
  type Role,
  ROLES,
  type StorageConfiguration,
  type TokenAlgorithm,
  type TokenConfiguration,
  type WebhookConfiguration,
} from './configuration';
import { findContradictions } from './find-contradictions';
import { readSecretFiles } from './read-secret-files';
import { NUMERIC_KEYS, Settings, USUAL_RATE_LIMIT } from './settings';
import { isAddress, splitEntries, splitList, splitPair, splitRateLimit } from './split-setting';

/** Ports when none is set: the pages stand beside the API when both run on one machine. */
const USUAL_PORT = { api: 8000, monitoring: 8501, worker: 8502 } as const;

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
  const settings = plainToInstance(Settings, { ...known, ...Object.fromEntries(numbers) });
  const lines = validateSync(settings, { forbidUnknownValues: true, stopAtFirstError: true }).map(
    (error) => `${error.property} must be ${Object.values(error.constraints ?? {})[0] ?? 'valid'}`,
  );
  lines.push(...findContradictions(settings), ...problems);
  if (lines.length > 0) {
    throw new ConfigurationError(
      `Settings in the environment: ${lines.join('; ')}. README.md lists them all.`,
    );
  }
  return deepFreeze(toConfiguration(settings));
}

function toConfiguration(settings: Settings): Configuration {
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

function toStorage({ STORAGE, DATABASE_URL: url }: Settings): StorageConfiguration {
  return STORAGE === 'postgres' && url !== undefined ? { kind: 'postgres', url } : { kind: 'file' };
}

function toCache({ CACHE, REDIS_URL: url }: Settings): CacheConfiguration {
  return CACHE === 'redis' && url !== undefined ? { kind: 'redis', url } : { kind: 'memory' };
}

function toQueue(settings: Settings): QueueConfiguration {
  const { QUEUE, RABBITMQ_URL: url, CALLBACK_SECRET: callbackSecret } = settings;
  if (QUEUE === 'none' || url === undefined) return { kind: 'none' };
  return {
    kind: 'rabbitmq',
    url,
    callbackSecret,
    allowPrivateCallbacks: settings.CALLBACK_PRIVATE === 'allow',
  };
}

function toTokens(settings: Settings): TokenConfiguration | undefined {
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
function toRateLimit({ RATE_LIMIT, AUTH }: Settings): RateLimitConfiguration | undefined {
  return splitRateLimit(RATE_LIMIT ?? (AUTH === 'on' ? USUAL_RATE_LIMIT : ''));
}

function toWebhook(settings: Settings): WebhookConfiguration | undefined {
  const { ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRET: secret } = settings;
  if (url === undefined || secret === undefined) return undefined;
  return { url, secret, allowPrivateAddresses: settings.ALERT_WEBHOOK_PRIVATE === 'allow' };
}

/** Plain decimal notation only: what `Number` takes besides, as `0x50`, is a slip of the pen. */
function toNumber(text: string): number {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member as object);
  }
  return Object.freeze(value);
}
