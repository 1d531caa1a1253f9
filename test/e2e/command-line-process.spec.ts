import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import ts from 'typescript';

/** The commands as processes of their own: exit codes, signals and streams. */
const SOURCE = 'src';
const HOLDOUT = resolve('data', 'samples', 'holdout.csv');

let compiled: string;
let folder: string;
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'credit-scoring-compiled-'));
  await compileSource(join(compiled, 'dist'));
});
afterAll(() => rm(compiled, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-process-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** As `npm run build`, without checking types: a fraction of its time. */
async function compileSource(target: string): Promise<void> {
  const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');
  const files = await readdir(SOURCE, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))) {
    const text = await readFile(join(SOURCE, file), 'utf8');
    const output = join(target, file.replace(/\.ts$/, '.js'));
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, ts.transpileModule(text, { compilerOptions: options }).outputText);
  }
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param whileItRuns may send the process a signal */
async function run(
  command: 'score' | 'replay',
  words: readonly string[],
  whileItRuns?: (kill: () => boolean) => Promise<void>,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(compiled, 'dist', 'command-line', `${command}.js`), ...words], {
    env: { ...process.env, NODE_PATH: resolve('node_modules'), MODELS_DIR: resolve('models') },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<number | null>((resolveCode) => child.once('close', resolveCode));
  await whileItRuns?.(() => child.kill('SIGINT'));
  return { code: await ended, stdout, stderr };
}

describe('the score command as a process', () => {
  it("ends with 0 and scikit-learn's probability for every hold-out row, bit for bit", async () => {
    const { code, stdout } = await run('score', [HOLDOUT, join(folder, 'out.csv')]);
    expect(code).toBe(0);
    expect(stdout).toContain('6,000 scored');
    const expected = parse(await readFile(HOLDOUT)).slice(1);
    const results = parse(await readFile(join(folder, 'out.csv'))).slice(1);
    expect(results.map((row) => row[2])).toEqual(expected.map((row) => row.at(-1)));
  });

  it('ends with 2 when rows were refused', async () => {
    const [header = '', row = ''] = (await readFile(HOLDOUT, 'utf8')).split('\n');
    await writeFile(join(folder, 'in.csv'), `${header}\n${row}\n${row},\n`);
    const { code } = await run('score', [join(folder, 'in.csv'), join(folder, 'out.csv')]);
    expect(code).toBe(2);
    expect(await readdir(folder)).toEqual(['in.csv', 'out.csv', 'out.errors.csv']);
  });

  it('ends with 1, one line and no stack when it can say what is wrong', async () => {
    const { code, stdout, stderr } = await run('score', ['none.csv', join(folder, 'out.csv')]);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'score: none.csv: there is no such file. Expected a CSV file of applications.\n',
    });
  });

  it('ends with 130 on Ctrl-C and leaves nothing', async () => {
    const [header = '', ...rows] = (await readFile(HOLDOUT, 'utf8')).trimEnd().split('\n');
    const body = `${rows.join('\n')}\n`;
    await writeFile(join(folder, 'in.csv'), `${header}\n${body.repeat(50)}`);
    const { code, stdout, stderr } = await run(
      'score',
      [join(folder, 'in.csv'), join(folder, 'out.csv')],
      async (kill) => {
        while (!(await readdir(folder)).some((name) => name.endsWith('.part'))) await setTimeout(20);
        kill();
      },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'score: interrupted\n' });
    expect(await readdir(folder)).toEqual(['in.csv']);
  });
});

describe('the replay command as a process', () => {
  it('ends with 1 and says what to do when there is no service', async () => {
    const { code, stderr } = await run('replay', ['--url', 'http://127.0.0.1:9']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^replay: http:\/\/127\.0\.0\.1:9\/: the service does not answer: .*npm start.*\n$/,
    );
  });
});
