/** Everything that needs neither a server nor privileges; the rest has its own configuration beside it. */
module.exports = {
  rootDir: '..',
  testEnvironment: 'node',
  // class-validator keeps its metadata on the global object, which Jest must not take from it.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  transform: {
    '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }],
    // jose is made of ES modules only, which Jest cannot require.
    '/node_modules/jose/.+\\.js$': [
      'ts-jest',
      { tsconfig: { allowJs: true, module: 'CommonJS', isolatedModules: true } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  globalSetup: '<rootDir>/test/threads/transpile-sources.cjs',
  setupFiles: ['<rootDir>/test/threads/run-transpiled-threads.cjs'],
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/{parity,contract,e2e}/**/*.spec.ts'],
  // Starting the service takes a second; a busy machine may take many.
  testTimeout: 60_000,
};
