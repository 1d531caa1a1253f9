/**
 * Servers and programs of others that work with the service, which the tests start for themselves. Debian's packages: postgresql,
 * redis-server, rabbitmq-server, nginx and prometheus; Schemathesis by `pip install -r test/services/requirements.txt`.
 */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  testEnvironmentOptions: { globalsCleanup: 'off' },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  globalSetup: '<rootDir>/test/threads/build-service.cjs',
  setupFiles: ['<rootDir>/test/threads/run-transpiled-threads.cjs'],
  testMatch: ['<rootDir>/test/services/**/*.spec.ts'],
  testTimeout: 120_000,
};
