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
import { type Configuration, type Role, ROLES, type WebhookConfiguration } from './configuration';

const FSYNC_MODES = ['never', 'always'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
const PRIVATE_ADDRESSES = ['refuse', 'allow'] as const;

/** Ports when none is set: the pages stand beside the API when both run on one machine. */
const USUAL_PORT = { api: 8000, monitoring: 8501 } as const;

const PSI_PATTERN = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;

/** Short enough to be tried out, long enough that guessing is hopeless. */
const SHORTEST_SECRET = 16;

/** The settings as they stand in the environment; each message completes "KEY must be …". */
class Environment {
  @ListOf(ROLES)
  ROLES = ROLES.join(',');

  @IsOptional()
  @WholeNumber(0, 65_535, ' (0 lets the system choose)')
  PORT?: number;

  /** Loopback unless said otherwise: without access control the service must not be open to a network. */
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
  const known: Record<string, unknown> = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  for (const key of NUMERIC_KEYS) if (known[key] !== undefined) known[key] = toNumber(String(known[key]));
  const settings = plainToInstance(Environment, known);
  const lines = validateSync(settings, { forbidUnknownValues: true, stopAtFirstError: true }).map(
    (error) => `${error.property} must be ${Object.values(error.constraints ?? {})[0] ?? 'valid'}`,
  );
  if (settings.ALERT_WEBHOOK_URL !== undefined && settings.ALERT_WEBHOOK_SECRET === undefined) {
    lines.push(
      'ALERT_WEBHOOK_SECRET must be set with ALERT_WEBHOOK_URL: receivers check the signature by it',
    );
  }
  if (lines.length > 0) {
    throw new ConfigurationError(
      `Settings in the environment: ${lines.join('; ')}. README.md lists them all.`,
    );
  }
  return deepFreeze(toConfiguration(settings));
}

function toConfiguration(settings: Environment): Configuration {
  const roles = splitList(settings.ROLES) as Role[];
  const logFolder = join(resolve(settings.DATA_DIR), 'logs');
  return {
    roles,
    http: {
      port: settings.PORT ?? USUAL_PORT[roles.includes('api') ? 'api' : 'monitoring'],
      host: settings.HOST,
    },
    model: { folder: resolve(settings.MODELS_DIR), selection: settings.MODEL },
    log: { folder: logFolder, fsync: settings.LOG_FSYNC },
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

function RisingPair(): PropertyDecorator {
  return TextThat('two rising numbers as 0.1/0.25: from where a change is moderate, and major', (text) => {
    const { moderate, major } = splitPair(text);
    return moderate > 0 && major > moderate;
  });
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
