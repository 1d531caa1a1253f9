/** Faults of disks and processes; needs Linux, root, mount and strace. */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  globalSetup: '<rootDir>/test/threads/build-service.cjs',
  testMatch: ['<rootDir>/test/faults/**/*.spec.ts'],
  testTimeout: 600_000,
};
