/** Pages as people see them; needs Chromium (CHROMIUM names it, /usr/bin/chromium unless given). */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  testEnvironmentOptions: { globalsCleanup: 'off' },
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  globalSetup: '<rootDir>/test/threads/transpile-sources.cjs',
  setupFiles: ['<rootDir>/test/threads/run-transpiled-threads.cjs'],
  testMatch: ['<rootDir>/test/browser/**/*.spec.ts'],
  testTimeout: 120_000,
};
