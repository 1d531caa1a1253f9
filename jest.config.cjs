/** Everything that needs neither a server nor privileges; the rest has its own configuration beside it. */
module.exports = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', isolatedModules: true }] },
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/{parity,contract,e2e}/**/*.spec.ts'],
};
