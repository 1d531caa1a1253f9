import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigurationError, parseConfiguration } from './parse-configuration';

describe('parseConfiguration', () => {
  it('needs nothing: files beside the program, loopback, port 8000, both roles', () => {
    expect(parseConfiguration({})).toEqual({
      roles: ['api', 'monitoring'],
      http: { port: 8000, host: '127.0.0.1', trustedProxies: [], corsOrigins: [], shutdownDelayMs: 0 },
      rateLimit: undefined,
      storage: { kind: 'file' },
      cache: { kind: 'memory' },
      cachesPredictions: false,
      queue: { kind: 'none' },
      model: { folder: resolve('models'), selection: undefined },
      log: { folder: resolve(join('data', 'logs')), fsync: 'never' },
      access: {
        mode: 'off',
        keysFile: resolve(join('data', 'logs', 'access', 'keys.json')),
        sessionSecret: undefined,
        tokens: undefined,
      },
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
      STORAGE: 'postgres',
      DATABASE_URL: 'postgresql://scoring:word@db.example.org:5432/scoring',
      CACHE: 'redis',
      REDIS_URL: 'rediss://cache.example.org:6379/0',
      CACHE_PREDICTIONS: 'on',
      QUEUE: 'rabbitmq',
      RABBITMQ_URL: 'amqp://queue.example.org',
      CALLBACK_SECRET: 'sixteen letters.',
      CALLBACK_PRIVATE: 'allow',
      AUTH: 'on',
      API_KEYS_FILE: '/etc/scoring/keys.json',
      SESSION_SECRET: 'thirty-two letters, not a one less',
      JWT_JWKS: 'https://login.example.org/jwks.json',
      JWT_ISSUER: 'https://login.example.org/',
      JWT_AUDIENCE: 'credit-scoring',
      JWT_ALGORITHMS: 'ES256, EdDSA',
      RATE_LIMIT: '600/60',
      TRUST_PROXY: '10.0.0.7, 10.1.0.0/16, fd00::/8',
      CORS_ORIGINS: 'https://desk.example.org, http://localhost:3000',
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
      SHUTDOWN_DELAY_MS: '1500',
      LOG_LEVEL: '',
    });
    expect(configuration).toEqual({
      roles: ['monitoring', 'api'],
      http: {
        port: 7000,
        host: '0.0.0.0',
        trustedProxies: ['10.0.0.7', '10.1.0.0/16', 'fd00::/8'],
        corsOrigins: ['https://desk.example.org', 'http://localhost:3000'],
        shutdownDelayMs: 1500,
      },
      rateLimit: { requests: 600, windowSeconds: 60 },
      storage: { kind: 'postgres', url: 'postgresql://scoring:word@db.example.org:5432/scoring' },
      cache: { kind: 'redis', url: 'rediss://cache.example.org:6379/0' },
      cachesPredictions: true,
      queue: {
        kind: 'rabbitmq',
        url: 'amqp://queue.example.org',
        callbackSecret: 'sixteen letters.',
        allowPrivateCallbacks: true,
      },
      model: { folder: '/srv/models', selection: 'german-credit/1.0.0' },
      log: { folder: '/srv/data/logs', fsync: 'always' },
      access: {
        mode: 'on',
        keysFile: '/etc/scoring/keys.json',
        sessionSecret: 'thirty-two letters, not a one less',
        tokens: {
          issuer: 'https://login.example.org/',
          audience: 'credit-scoring',
          algorithms: ['ES256', 'EdDSA'],
          keySet: { kind: 'url', url: 'https://login.example.org/jwks.json' },
        },
      },
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

  it('listens on 8502 when it only works off a queue', () => {
    const settings = {
      ROLES: 'worker',
      STORAGE: 'postgres',
      DATABASE_URL: 'postgresql://localhost/scoring',
      QUEUE: 'rabbitmq',
      RABBITMQ_URL: 'amqp://localhost',
    };
    expect(parseConfiguration(settings).http.port).toBe(8502);
  });

  it.each([
    'redis://localhost',
    'redis://localhost:6379/',
    'redis://[::1]:6379/15',
    'rediss://scoring:50%25@cache.example.org/0',
  ])('takes %s as the address of Redis', (url) => {
    expect(parseConfiguration({ CACHE: 'redis', REDIS_URL: url }).cache).toEqual({ kind: 'redis', url });
  });

  it.each([
    [{ STORAGE: 'postgres' }, /DATABASE_URL must be set with STORAGE=postgres/],
    [{ CACHE: 'redis' }, /REDIS_URL must be set with CACHE=redis/],
    [{ QUEUE: 'rabbitmq' }, /RABBITMQ_URL must be set with QUEUE=rabbitmq/],
    [{ ROLES: 'api,worker' }, /QUEUE must be rabbitmq while ROLES hold worker/],
    [
      { ROLES: 'worker', QUEUE: 'rabbitmq', RABBITMQ_URL: 'amqp://localhost' },
      /STORAGE must be postgres while ROLES hold worker without api/,
    ],
  ])('refuses %j, which lacks something', (settings, message) => {
    expect(() => parseConfiguration(settings)).toThrow(message);
  });

  it('takes a worker beside the API on files: they share the one writer of the log', () => {
    const queue = { QUEUE: 'rabbitmq', RABBITMQ_URL: 'amqp://localhost' };
    expect(parseConfiguration({ ROLES: 'api,worker', ...queue }).roles).toEqual(['api', 'worker']);
  });

  describe('secrets in files', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'secrets-'))));
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });
    const write = (content: string): string => {
      const path = join(folder, 'secret');
      writeFileSync(path, content);
      return path;
    };

    it('takes what the file holds, without the end of its line', () => {
      const DATABASE_URL_FILE = write('postgresql://localhost/scoring\n');
      expect(parseConfiguration({ STORAGE: 'postgres', DATABASE_URL_FILE }).storage).toEqual({
        kind: 'postgres',
        url: 'postgresql://localhost/scoring',
      });
    });

    it('checks it like a setting, and names the setting, never the value', () => {
      const SESSION_SECRET_FILE = write('hunter2');
      const parse = (): unknown => parseConfiguration({ SESSION_SECRET_FILE });
      expect(parse).toThrow(/SESSION_SECRET must be a secret of at least 32 characters/);
      expect(parse).not.toThrow(/hunter2/);
    });

    it.each([
      ['is empty', '', /REDIS_URL_FILE must be a file that holds the value: it is empty/],
      ['is not there', undefined, /REDIS_URL_FILE must be a file that can be read \(ENOENT\)/],
    ])('refuses a file that %s', (_what, content, message) => {
      const REDIS_URL_FILE = content === undefined ? join(folder, 'nothing') : write(content);
      expect(() => parseConfiguration({ REDIS_URL_FILE })).toThrow(message);
    });

    it('refuses a setting that is given twice', () => {
      const RABBITMQ_URL_FILE = write('amqp://localhost');
      expect(() => parseConfiguration({ RABBITMQ_URL: 'amqp://localhost', RABBITMQ_URL_FILE })).toThrow(
        /RABBITMQ_URL must not be set together with RABBITMQ_URL_FILE/,
      );
    });
  });

  it('sends alerts nowhere without a secret to sign them with', () => {
    const ALERT_WEBHOOK_URL = 'https://alerts.example.org/hook';
    expect(() => parseConfiguration({ ALERT_WEBHOOK_URL })).toThrow(/ALERT_WEBHOOK_SECRET must be set/);
  });

  describe('AUTH=off', () => {
    it.each(['127.0.0.1', '127.3.2.1', '::1', 'localhost'])('is taken with HOST=%s', (HOST) => {
      expect(parseConfiguration({ HOST, AUTH: 'off' }).access.mode).toBe('off');
    });

    it.each(['0.0.0.0', '::', '192.168.1.7', '10.0.0.1', 'scoring.example.org', '127.example.org'])(
      'is refused with HOST=%s: AUTH must be on',
      (HOST) => {
        expect(() => parseConfiguration({ HOST })).toThrow(/AUTH must be on while HOST is open to a network/);
        expect(parseConfiguration({ HOST, AUTH: 'on' }).http.host).toBe(HOST);
      },
    );

    it('is refused with NODE_ENV=production, on loopback too', () => {
      const NODE_ENV = 'production';
      expect(() => parseConfiguration({ NODE_ENV })).toThrow(/AUTH must be on while NODE_ENV is production/);
      expect(parseConfiguration({ NODE_ENV, AUTH: 'on' }).access.mode).toBe('on');
    });
  });

  describe('RATE_LIMIT', () => {
    it('is usual with access control, and off without', () => {
      expect(parseConfiguration({ AUTH: 'on' }).rateLimit).toEqual({ requests: 60_000, windowSeconds: 60 });
      expect(parseConfiguration({ AUTH: 'off' }).rateLimit).toBeUndefined();
    });

    it('holds without access control too when it is set, and can be switched off with it', () => {
      expect(parseConfiguration({ RATE_LIMIT: '5/1' }).rateLimit).toEqual({ requests: 5, windowSeconds: 1 });
      expect(parseConfiguration({ AUTH: 'on', RATE_LIMIT: 'off' }).rateLimit).toBeUndefined();
    });
  });

  it('takes every origin by a star of its own', () => {
    expect(parseConfiguration({ CORS_ORIGINS: '*' }).http.corsOrigins).toEqual(['*']);
  });

  describe('JWT_JWKS', () => {
    const JWT_ISSUER = 'https://login.example.org/';
    const JWT_AUDIENCE = 'credit-scoring';

    it('is a file where it is no address', () => {
      const { access } = parseConfiguration({ JWT_JWKS: 'keys/jwks.json', JWT_ISSUER, JWT_AUDIENCE });
      expect(access.tokens?.keySet).toEqual({ kind: 'file', path: resolve('keys/jwks.json') });
      expect(access.tokens?.algorithms).toEqual(['RS256', 'ES256', 'EdDSA']);
    });

    it('needs issuer and audience, and they need it', () => {
      const JWT_JWKS = 'jwks.json';
      expect(() => parseConfiguration({ JWT_JWKS })).toThrow(/JWT_ISSUER must be .*JWT_AUDIENCE must be /);
      expect(() => parseConfiguration({ JWT_ISSUER, JWT_AUDIENCE })).toThrow(/JWT_JWKS must be set/);
    });
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
    ['STORAGE', 'memory'],
    ['DATABASE_URL', 'mysql://db.example.org/scoring'],
    ['DATABASE_URL', 'db.example.org'],
    ['CACHE', 'memcached'],
    ['REDIS_URL', 'http://cache.example.org'],
    ['REDIS_URL', 'redis://cache.example.org:6379/scoring'],
    ['REDIS_URL', 'redis://cache.example.org/1/2'],
    ['REDIS_URL', 'redis://cache.example.org/-1'],
    ['REDIS_URL', 'redis://cache.example.org/0?keyPrefix=other'],
    ['REDIS_URL', 'redis://cache.example.org/0#1'],
    ['REDIS_URL', 'redis://:50%zz@cache.example.org'],
    ['REDIS_URL', 'redis://50%:word@cache.example.org'],
    ['CACHE_PREDICTIONS', 'true'],
    ['QUEUE', 'kafka'],
    ['RABBITMQ_URL', 'http://queue.example.org'],
    ['CALLBACK_SECRET', 'short'],
    ['CALLBACK_PRIVATE', 'yes'],
    ['AUTH', 'yes'],
    ['SESSION_SECRET', 'thirty-one letters, so one less'],
    ['JWT_JWKS', 'http://login.example.org/jwks.json'],
    ['JWT_JWKS', 'ftp://login.example.org/jwks.json'],
    ['JWT_JWKS', 'https://user:word@login.example.org/jwks.json'],
    ['RATE_LIMIT', '777'],
    ['RATE_LIMIT', '0/77'],
    ['RATE_LIMIT', '600/0'],
    ['RATE_LIMIT', '600/3601'],
    ['RATE_LIMIT', '600/60s'],
    ['RATE_LIMIT', 'yes'],
    ['TRUST_PROXY', 'loopback'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', 'fd00::/129'],
    ['TRUST_PROXY', '10.9.9.9,'],
    ['CORS_ORIGINS', 'shop.test'],
    ['CORS_ORIGINS', 'https://shop.test/'],
    ['CORS_ORIGINS', 'https://shop.test/desk'],
    ['CORS_ORIGINS', 'https://*.shop.test'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_ORIGINS', '*,https://shop.test'],
    ['JWT_ALGORITHMS', 'none'],
    ['JWT_ALGORITHMS', 'RS256,HS256'],
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
    ['SHUTDOWN_DELAY_MS', '300001'],
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
