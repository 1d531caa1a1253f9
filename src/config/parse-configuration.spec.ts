import { join, resolve } from 'node:path';
import { ConfigurationError, parseConfiguration } from './parse-configuration';

describe('parseConfiguration', () => {
  it('needs nothing: files beside the program, loopback, port 8000, both roles', () => {
    expect(parseConfiguration({})).toEqual({
      roles: ['api', 'monitoring'],
      http: { port: 8000, host: '127.0.0.1' },
      model: { folder: resolve('models'), selection: undefined },
      log: { folder: resolve(join('data', 'logs')), fsync: 'never' },
      monitoring: {
        folder: resolve(join('data', 'logs', 'monitoring')),
        drift: {
          cron: '5 0 * * *',
          windowHours: 24,
          minimumRows: 200,
          psi: { moderate: 0.1, major: 0.25 },
          falseDiscoveryRate: 0.05,
        },
        alerts: {
          errorRate: 0.02,
          latencyP95Ms: 250,
          silenceMinutes: 60,
          cooldownMinutes: 60,
          webhook: undefined,
        },
        retentionDays: 760,
      },
      logLevel: 'info',
    });
  });

  it('takes what is set, and an empty variable as not set', () => {
    const configuration = parseConfiguration({
      ROLES: 'monitoring, api',
      PORT: '7000',
      HOST: '0.0.0.0',
      MODEL: 'german-credit/1.0.0',
      MODELS_DIR: '/srv/models',
      DATA_DIR: '/srv/data',
      LOG_FSYNC: 'always',
      DRIFT_CRON: '*/15 6-20 * * 1-5',
      DRIFT_WINDOW_HOURS: '168',
      DRIFT_MIN_ROWS: '1000',
      DRIFT_PSI: '0.15/0.3',
      DRIFT_FDR: '0.01',
      ALERT_ERROR_RATE: '0.5',
      ALERT_LATENCY_P95_MS: '80',
      ALERT_SILENCE_MINUTES: '5',
      ALERT_COOLDOWN_MINUTES: '0',
      ALERT_WEBHOOK_URL: 'https://alerts.example.org/hook',
      ALERT_WEBHOOK_SECRET: 'sixteen letters.',
      ALERT_WEBHOOK_PRIVATE: 'allow',
      RETENTION_DAYS: '30',
      LOG_LEVEL: '',
    });
    expect(configuration).toEqual({
      roles: ['monitoring', 'api'],
      http: { port: 7000, host: '0.0.0.0' },
      model: { folder: '/srv/models', selection: 'german-credit/1.0.0' },
      log: { folder: '/srv/data/logs', fsync: 'always' },
      monitoring: {
        folder: '/srv/data/logs/monitoring',
        drift: {
          cron: '*/15 6-20 * * 1-5',
          windowHours: 168,
          minimumRows: 1000,
          psi: { moderate: 0.15, major: 0.3 },
          falseDiscoveryRate: 0.01,
        },
        alerts: {
          errorRate: 0.5,
          latencyP95Ms: 80,
          silenceMinutes: 5,
          cooldownMinutes: 0,
          webhook: {
            url: 'https://alerts.example.org/hook',
            secret: 'sixteen letters.',
            allowPrivateAddresses: true,
          },
        },
        retentionDays: 30,
      },
      logLevel: 'info',
    });
  });

  it('listens on 8501 when it only watches, unless told otherwise', () => {
    expect(parseConfiguration({ ROLES: 'monitoring' }).http.port).toBe(8501);
    expect(parseConfiguration({ ROLES: 'monitoring', PORT: '9000' }).http.port).toBe(9000);
    expect(parseConfiguration({ ROLES: 'api' }).http.port).toBe(8000);
  });

  it('sends alerts nowhere without a secret to sign them with', () => {
    const ALERT_WEBHOOK_URL = 'https://alerts.example.org/hook';
    expect(() => parseConfiguration({ ALERT_WEBHOOK_URL })).toThrow(/ALERT_WEBHOOK_SECRET must be set/);
  });

  it('cannot be changed afterwards', () => {
    const configuration = parseConfiguration({});
    expect(Object.isFrozen(configuration) && Object.isFrozen(configuration.monitoring.drift.psi)).toBe(true);
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', 'http'],
    ['ROLES', 'api,kitchen'],
    ['ROLES', 'api,api'],
    ['LOG_FSYNC', 'sometimes'],
    ['DRIFT_CRON', 'daily'],
    ['DRIFT_CRON', '* * * * * *'],
    ['DRIFT_CRON', '61 * * * *'],
    ['DRIFT_WINDOW_HOURS', '0'],
    ['DRIFT_WINDOW_HOURS', '1.5'],
    ['DRIFT_MIN_ROWS', '5'],
    ['DRIFT_PSI', '0.25/0.1'],
    ['DRIFT_PSI', '0.15'],
    ['DRIFT_FDR', '0.9'],
    ['ALERT_ERROR_RATE', '-1'],
    ['ALERT_WEBHOOK_URL', 'ftp://alerts.example.org'],
    ['ALERT_WEBHOOK_URL', 'https://user:word@alerts.example.org'],
    ['ALERT_WEBHOOK_SECRET', 'short'],
    ['ALERT_WEBHOOK_PRIVATE', 'perhaps'],
    ['RETENTION_DAYS', '1e9'],
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
