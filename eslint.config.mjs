import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * What each room of `src` may import, from the table in `src/README.md`. An editor shows at once what ESLint refuses;
 * dependency-cruiser reads the same table, and follows imports to their files, also those by `import()`.
 */
const map = readFileSync(join(import.meta.dirname, 'src/README.md'), 'utf8');
const rows = [...map.matchAll(/^\| `([a-z-]+)\/` \|.*\| ([^|]+) \|$/gm)];
const roomRules = rows.map(([, room, allowed]) => {
  const foreign = rows
    .map(([, other]) => other)
    .filter((other) => other !== room && !allowed.split(', ').includes(other));
  const patterns = foreign.map((other) => ({
    regex: `^(\\.\\./)+${other}(/|$)`,
    message: `src/${room} must not import src/${other}: see the table of rooms in src/README.md`,
  }));
  if (allowed === 'nothing but itself') {
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

const NO_CYCLE = {
  selector: "CallExpression[callee.name='forwardRef']",
  message: 'A cycle: draw the border elsewhere.',
};

/** What a pure library could reach without an import. */
const OUTSIDE_WORLD = [
  'process',
  'globalThis',
  'global',
  'require',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
];

/** `new Date()` and `Date()`: the time it is now. */
const NO_CLOCK = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date']",
  message: 'Pure library: no clock.',
};

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
  ...roomRules,
  { files: ['src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', NO_CYCLE] } },
  {
    files: ['src/scoring/**/*.ts', 'src/statistics/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...OUTSIDE_WORLD.map((name) => ({
          name,
          message: 'Pure library: no I/O, no clock and no randomness.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Pure library: no clock.' },
        { object: 'Math', property: 'random', message: 'Pure library: no randomness.' },
      ],
      'no-restricted-syntax': ['error', NO_CYCLE, NO_CLOCK],
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
