import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');

/** What dependency-cruiser tells, as far as it is read here. */
interface Cruise {
  readonly modules: readonly {
    readonly source: string;
    readonly dependencies: readonly { readonly resolved: string }[];
  }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { name: string } }[];
  };
}

/** Follows the imports of `src` in a folder, by our rules. */
async function cruise(folder: string): Promise<Cruise> {
  const command = join(ROOT, 'node_modules/.bin/depcruise');
  const words = ['src', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(command, words, { cwd: folder, maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as Cruise;
}

/** Which files break which rule. */
async function violationsIn(folder: string): Promise<string[][]> {
  const { violations } = (await cruise(folder)).summary;
  return violations.map(({ from, rule }) => [from, rule.name]).sort();
}

/** `scoring` of `src/scoring/policy/decide.ts`; a file beside the rooms is its own. */
function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)/.exec(path)?.[1];
}

describe('the table of rooms in src/README.md', () => {
  it('says which rooms each one imports, and no more', async () => {
    const text = await readFile(join(ROOT, 'src/README.md'), 'utf8');
    const said = [...text.matchAll(/^\| `([a-z-]+)\/` \|.*\| ([^|]+) \|$/gm)].map(([, room, cell = '']) => {
      const words = cell.replaceAll('`', '').split(', ');
      return [room, words.filter((word) => !['–', 'nothing but itself'].includes(word)).sort()];
    });
    const imported = new Map(said.map(([room]) => [room as string, new Set<string>()]));
    for (const { source, dependencies } of (await cruise(ROOT)).modules) {
      const room = roomOf(source) ?? '';
      if (source.endsWith('.spec.ts')) continue;
      for (const { resolved } of dependencies) {
        const other = roomOf(resolved);
        if (other !== undefined && other !== room) imported.get(room)?.add(other);
      }
    }
    const found = [...imported].map(([room, others]) => [room, [...others].sort()]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(found));
  });

  describe('is the rule', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'borders-'));
      await write('tsconfig.json', '{}');
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    async function write(path: string, text: string): Promise<void> {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }

    it('for imports, imports of types and imports that wait', async () => {
      await write('src/logging/b.ts', 'export const b = 1;\nexport type B = number;');
      for (const room of ['cache', 'overload', 'scoring']) {
        await write(`src/${room}/at-once.ts`, "import { b } from '../logging/b';\nexport const a = b;");
        await write(`src/${room}/type.ts`, "import { type B } from '../logging/b';\nexport const a: B = 1;");
        await write(`src/${room}/waits.ts`, "export const a = async () => (await import('../logging/b')).b;");
      }
      expect(await violationsIn(folder)).toEqual([
        ['src/cache/at-once.ts', 'border-of-cache'],
        ['src/cache/type.ts', 'border-of-cache'],
        ['src/cache/waits.ts', 'border-of-cache'],
        ['src/scoring/at-once.ts', 'scoring-is-pure'],
        ['src/scoring/type.ts', 'scoring-is-pure'],
        ['src/scoring/waits.ts', 'scoring-is-pure'],
      ]);
    });

    it('for what pure libraries import from outside', async () => {
      await write('src/statistics/a.ts', "export const a = import('node:fs');");
      expect(await violationsIn(folder)).toEqual([['src/statistics/a.ts', 'statistics-is-pure']]);
    });
  });
});

it('keeps clock, chance and the world outside from pure libraries, by ESLint', async () => {
  const refused = [
    'new Date()',
    'Date()',
    'Date.now()',
    'performance.now()',
    'Math.random()',
    'crypto.randomUUID()',
    'process.env',
  ];
  // In the place of a file that is there, as types are looked up.
  const words = ['--stdin', '--stdin-filename', 'src/scoring/policy/decide.ts', '--format', 'json'];
  const eslint = promisify(execFile)(join(ROOT, 'node_modules/.bin/eslint'), words, { cwd: ROOT });
  eslint.child.stdin?.end(`export const made = [\n${[...refused, 'new Date(0)'].join(',\n')},\n];\n`);
  const { stdout } = await eslint.catch((error: unknown) => error as { readonly stdout: string });
  const [{ messages }] = JSON.parse(stdout) as [{ messages: { readonly message: string; line: number }[] }];
  const lines = messages.filter(({ message }) => message.includes('Pure library')).map(({ line }) => line);
  expect(lines).toEqual(refused.map((_expression, index) => index + 2));
});
