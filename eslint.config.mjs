import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Which rooms of `src` a room may import; `src/README.md` draws the same picture. */
const borders = {
  scoring: [],
  statistics: [],
  config: [],
  common: ['config'],
  database: ['config', 'common'],
  cache: ['config', 'common'],
  auth: ['cache', 'config', 'common'],
  'rate-limit': ['cache', 'config', 'common'],
  metrics: ['auth', 'config', 'common'],
  model: ['scoring', 'config', 'common'],
  logging: ['scoring', 'database', 'auth', 'config', 'common'],
  audit: ['scoring', 'logging', 'database', 'config', 'common'],
  prediction: [
    'scoring',
    'model',
    'logging',
    'metrics',
    'auth',
    'cache',
    'rate-limit',
    'overload',
    'config',
    'common',
  ],
  queue: [
    'scoring',
    'model',
    'logging',
    'prediction',
    'metrics',
    'database',
    'auth',
    'rate-limit',
    'config',
    'common',
  ],
  replay: ['scoring', 'model', 'logging', 'auth', 'config', 'common'],
  monitoring: [
    'scoring',
    'statistics',
    'model',
    'logging',
    'replay',
    'metrics',
    'database',
    'auth',
    'config',
    'common',
  ],
  health: ['model', 'logging', 'auth', 'config', 'common'],
  overload: ['logging', 'config', 'common'],
  'api-description': ['health', 'model', 'prediction', 'scoring', 'auth', 'config', 'common'],
  'command-line': [
    'audit',
    'prediction',
    'monitoring',
    'logging',
    'model',
    'scoring',
    'database',
    'auth',
    'config',
    'common',
  ],
};
const rooms = Object.keys(borders);

/** Pure libraries: no framework, no input or output, no clock, no randomness. */
const pure = ['scoring', 'statistics'];

const roomRules = rooms.map((room) => {
  const foreign = rooms.filter((other) => other !== room && !borders[room].includes(other));
  const patterns = foreign.map((other) => ({
    regex: `^(\\.\\./)+${other}(/|$)`,
    message: `src/${room} must not import src/${other}: see the borders in src/README.md`,
  }));
  if (pure.includes(room)) {
    patterns.push({
      regex: '^(?!\\.{1,2}/)',
      message: `src/${room} is pure: it imports nothing but itself (no Nest, no I/O)`,
    });
  }
  return {
    files: [`src/${room}/**/*.ts`],
    ignores: ['**/*.spec.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
});

export default tseslint.config(
  { ignores: ['dist', 'build', 'coverage', 'node_modules', '**/*.cjs', 'models', 'data'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.mjs'] } } },
    rules: {
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='forwardRef']",
          message: 'A cycle: draw the border elsewhere.',
        },
      ],
    },
  },
  ...roomRules,
  {
    files: ['src/scoring/**/*.ts', 'src/statistics/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch'].map((name) => ({
          name,
          message: 'Pure library: no I/O and no clock.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Pure library: no clock.' },
        { object: 'Math', property: 'random', message: 'Pure library: no randomness.' },
      ],
    },
  },
  {
    // Nest declares the options of NestFactory.create as a class that it does not export, and takes a plain object.
    files: ['src/create-application.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // Prints: the command line and the benchmarks talk to a person.
    files: ['src/command-line/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['eslint.config.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    // What browsers run: served as it stands, without a build.
    files: ['views/assets/*.js'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      sourceType: 'script',
      globals: Object.fromEntries(
        [
          'window',
          'document',
          'location',
          'Intl',
          'matchMedia',
          'getComputedStyle',
          'addEventListener',
          'setInterval',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
