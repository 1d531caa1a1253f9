/** Programs of others that work with the service; needs Prometheus (Debian: apt-get install prometheus). */
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
