import { join, resolve } from 'node:path';
import { ConfigurationError, parseConfiguration } from './parse-configuration';

describe('parseConfiguration', () => {
  it('needs nothing: files beside the program, loopback, port 8000', () => {
    expect(parseConfiguration({})).toEqual({
      http: { port: 8000, host: '127.0.0.1' },
      model: { folder: resolve('models'), selection: undefined },
      log: { folder: resolve(join('data', 'logs')), fsync: 'never' },
      logLevel: 'info',
    });
  });

  it('takes what is set, and an empty variable as not set', () => {
    const configuration = parseConfiguration({
      PORT: '7000',
      HOST: '0.0.0.0',
      MODEL: 'german-credit/1.0.0',
      MODELS_DIR: '/srv/models',
      DATA_DIR: '/srv/data',
      LOG_FSYNC: 'always',
      LOG_LEVEL: '',
    });
    expect(configuration).toEqual({
      http: { port: 7000, host: '0.0.0.0' },
      model: { folder: '/srv/models', selection: 'german-credit/1.0.0' },
      log: { folder: '/srv/data/logs', fsync: 'always' },
      logLevel: 'info',
    });
  });

  it('cannot be changed afterwards', () => {
    const configuration = parseConfiguration({});
    expect(Object.isFrozen(configuration) && Object.isFrozen(configuration.http)).toBe(true);
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', 'http'],
    ['LOG_FSYNC', 'sometimes'],
    ['LOG_LEVEL', 'loud'],
    ['MODEL', '../../etc/passwd'],
    ['MODEL', 'credit-default/latest'],
  ])('refuses %s=%s, naming the key and never the value', (key, value) => {
    expect(() => parseConfiguration({ [key]: value })).toThrow(ConfigurationError);
    expect(() => parseConfiguration({ [key]: value })).toThrow(new RegExp(`${key} must be `));
    expect(() => parseConfiguration({ [key]: value })).not.toThrow(value);
  });

  it('names every wrong key at once', () => {
    expect(() => parseConfiguration({ PORT: 'x', LOG_FSYNC: 'y' })).toThrow(
      /PORT must be .*LOG_FSYNC must be/,
    );
  });
});
