import { join, resolve } from 'node:path';
import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';
import { type Configuration } from './configuration';

const FSYNC_MODES = ['never', 'always'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** The settings as they stand in the environment; each message completes "KEY must be …". */
class Environment {
  @IsInt({ message: 'a whole number from 0 to 65535 (0 lets the system choose)' })
  @Min(0, { message: 'a whole number from 0 to 65535 (0 lets the system choose)' })
  @Max(65_535, { message: 'a whole number from 0 to 65535 (0 lets the system choose)' })
  PORT = 8000;

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

  @IsIn(FSYNC_MODES, { message: `one of ${FSYNC_MODES.join(', ')}` })
  LOG_FSYNC: (typeof FSYNC_MODES)[number] = 'never';

  @IsIn(LOG_LEVELS, { message: `one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';
}

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
  const known = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const settings = plainToInstance(Environment, {
    ...known,
    ...(known['PORT'] !== undefined && {
      PORT: /^\d{1,5}$/.test(known['PORT']) ? Number(known['PORT']) : NaN,
    }),
  });
  const errors = validateSync(settings, { forbidUnknownValues: true, stopAtFirstError: true });
  if (errors.length > 0) {
    const lines = errors.map(
      (error) => `${error.property} must be ${Object.values(error.constraints ?? {})[0] ?? 'valid'}`,
    );
    throw new ConfigurationError(
      `Settings in the environment: ${lines.join('; ')}. README.md lists them all.`,
    );
  }
  return Object.freeze({
    http: Object.freeze({ port: settings.PORT, host: settings.HOST }),
    model: Object.freeze({ folder: resolve(settings.MODELS_DIR), selection: settings.MODEL }),
    log: Object.freeze({ folder: join(resolve(settings.DATA_DIR), 'logs'), fsync: settings.LOG_FSYNC }),
    logLevel: settings.LOG_LEVEL,
  });
}
