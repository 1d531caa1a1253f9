import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { bundleFolder } from '../factories/bundle';

/** What the simulation is made of; nothing of it needs a package. */
const SOURCES = ['src/monitoring/drift', 'src/scoring', 'src/statistics', 'test/factories'];
const CHILD = 'test/e2e/drift-false-alarms.child.ts';

interface FalseAlarms {
  readonly runs: number;
  /** Windows in which an input was called drifted. */
  readonly drifted: number;
  /** Windows in which an input was significant, whatever its PSI. */
  readonly significant: number;
}

let compiled: string;
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'credit-scoring-drift-'));
});
afterAll(() => rm(compiled, { recursive: true }));

async function transpile(file: string): Promise<string> {
  const output = join(compiled, file.replace(/\.ts$/, '.js'));
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, ts.transpileModule(await readFile(file, 'utf8'), { compilerOptions }).outputText);
  return output;
}

async function simulate(): Promise<FalseAlarms> {
  for (const folder of SOURCES) {
    const names = await readdir(folder, { recursive: true });
    const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
    for (const name of sources) await transpile(join(folder, name));
  }
  const model = resolve(bundleFolder('german-credit'), 'model.json');
  const output = execFileSync(process.execPath, [await transpile(CHILD), model], { encoding: 'utf8' });
  return JSON.parse(output) as FalseAlarms;
}

it('1,000 windows of 20 inputs in which nothing drifted give at most 5 % with an alarm', async () => {
  const { runs, drifted, significant } = await simulate();
  expect(runs).toBe(1000);
  expect(drifted).toBeLessThanOrEqual(50);
  // Also without the demand for an effect: the correction for being many holds by itself.
  expect(significant).toBeLessThanOrEqual(50);
});
