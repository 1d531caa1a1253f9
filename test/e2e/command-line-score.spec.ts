import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CommandError } from '../../src/command-line/command';
import { score } from '../../src/command-line/score-command';
import { scoreFile } from '../../src/command-line/score-file';
import { checkScorePaths } from '../../src/command-line/score-paths';
import { loadModels } from '../../src/command-line/load-models';
import { type CommandResult, runInside } from '../factories/command-line';

const HOLDOUT = join('data', 'samples', 'holdout.csv');

let folder: string;
let holdout: string[][];
beforeAll(async () => {
  holdout = parse(await readFile(HOLDOUT));
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-score-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const read = async (name: string): Promise<string[][]> => parse(await readFile(at(name)));
const write = (name: string, rows: readonly (readonly string[])[]): Promise<void> =>
  writeFile(at(name), rows.map((row) => `${row.join(',')}\n`).join(''));
const run = (input: string, output: string): Promise<CommandResult> =>
  runInside(score, [at(input), at(output)]);

/** Some rows of the hold-out file, changed column by column. */
function someRows(...changes: Readonly<Record<string, string>>[]): string[][] {
  const [header = [], ...rows] = holdout;
  return [
    header,
    ...changes.map((change, index) =>
      header.map((name, column) => change[name] ?? rows[index]?.[column] ?? ''),
    ),
  ];
}

describe('scoring a file', () => {
  it("gives scikit-learn's probability for each row and tells what it did", async () => {
    await write('in.csv', holdout.slice(0, 201));
    const { exitCode, output } = await run('in.csv', 'out.csv');
    expect(exitCode).toBe(0);
    const results = await read('out.csv');
    expect(results[0]).toEqual(['row', 'clientId', 'probability', 'score', 'decision']);
    expect(results.slice(1).map(([row, clientId, probability]) => [row, clientId, probability])).toEqual(
      holdout.slice(1, 201).map((row, index) => [String(index + 1), row[0], row.at(-1)]),
    );
    for (const decision of ['APPROVED', 'REFERRED', 'REJECTED']) {
      const count = results.filter((row) => row[4] === decision).length;
      expect(count).toBeGreaterThan(0);
      expect(output).toContain(`${decision}: ${count} (`);
    }
    expect(output).toContain('200 read, 200 scored, 0 refused');
    expect(output).toContain('columns that are no input: label, probability');
    expect(output).toMatch(/SHA-256 +[0-9a-f]{64}\n/);
    expect(output).toMatch(/rows\/s/);
    expect(output).toContain('not in the prediction log');
    expect(await readdir(folder)).toEqual(['in.csv', 'out.csv']);
  });

  it('takes columns in any order, byte order mark, CR LF, quotes, spaces and empty lines', async () => {
    const rows = holdout.slice(0, 51);
    await write('plain.csv', rows);
    const odd = rows
      .map((row) => [...row].reverse().map((cell, column) => (column % 2 === 0 ? `"${cell}"` : ` ${cell} `)))
      .map((row) => `${row.join(',')}\r\n\r\n`);
    await writeFile(at('odd.csv'), `\uFEFF${odd.join('')}`);
    await run('plain.csv', 'plain.out.csv');
    expect((await run('odd.csv', 'odd.out.csv')).exitCode).toBe(0);
    expect(await readFile(at('odd.out.csv'))).toEqual(await readFile(at('plain.out.csv')));
  });

  it('scores without clientId, and without protected attributes', async () => {
    const keep = (holdout[0] ?? []).map((name) => !/clientId|sex|education|marriage|age/.test(name));
    await write(
      'in.csv',
      holdout.slice(0, 3).map((row) => row.filter((_, column) => keep[column])),
    );
    expect((await run('in.csv', 'out.csv')).exitCode).toBe(0);
    expect((await read('out.csv'))[1]?.slice(0, 3)).toEqual(['1', '', holdout[1]?.at(-1)]);
  });

  it('accepts a header without rows', async () => {
    await write('in.csv', holdout.slice(0, 1));
    const { exitCode, output } = await run('in.csv', 'out.csv');
    expect(exitCode).toBe(0);
    expect(output).toContain('0 read');
    expect(await read('out.csv')).toHaveLength(1);
  });

  it('scores with the model that MODEL selects, and names inputs that may be and are missing', async () => {
    const environment = { MODELS_DIR: join('test', 'fixtures', 'models'), MODEL: 'german-credit' };
    const { bundle } = (await loadModels(environment)).champion();
    const inputs = bundle.inputs.filter((input) => !input.nullable);
    await write('in.csv', [inputs.map(({ name }) => name), inputs.map(({ example }) => String(example))]);
    const words = [at('in.csv'), at('out.csv')];
    const { exitCode, output } = await runInside(score, words, { environment });
    expect(exitCode).toBe(0);
    expect(output).toContain('german-credit');
    const absent = bundle.inputs.filter((input) => input.nullable).map(({ name }) => name);
    expect(absent.length).toBeGreaterThan(0);
    expect(output).toContain(`missing in every row: ${absent.join(', ')}\n`);
  });
});

describe('rows that are not valid', () => {
  it('go to the errors file with row, line, field, code and reason, and never the value', async () => {
    const [header = [], good = [], ...bad] = someRows(
      {},
      { creditLimit: '99999999', repaymentStatus1: '' },
      { sex: 'secret', billAmount1: '1.5' },
      { clientId: 'not valid!' },
      {},
    );
    const [first = [], second = [], third = [], last = []] = bad;
    const lines = [
      header.join(','),
      good.map((cell, column) => (header[column] === 'label' ? '"a note\r\nof two lines"' : cell)).join(','),
      '',
      first.join(','),
      second.join(','),
      third.join(','),
      last.slice(1).join(','),
      [...last, 'one more'].join(','),
      last.join(','),
    ];
    await writeFile(at('in.csv'), lines.join('\r\n'));
    const { exitCode, output } = await run('in.csv', 'out.csv');
    expect(exitCode).toBe(2);
    expect(output).toContain('7 read, 2 scored, 5 refused');
    expect(output).toContain(`${at('out.errors.csv')} (7 problems)`);
    expect((await read('out.csv')).map((row) => row[0])).toEqual(['row', '1', '7']);
    expect(await readFile(at('out.errors.csv'), 'utf8')).toBe(
      [
        'row,line,field,code,reason',
        '2,5,creditLimit,out_of_range,creditLimit must be a whole number from 1000 to 10000000 (TWD)',
        '2,5,repaymentStatus1,required,repaymentStatus1 must be a whole number from -2 to 9',
        '3,6,billAmount1,wrong_type,billAmount1 must be a whole number from -10000000 to 10000000 (TWD)',
        '3,6,protected.sex,not_a_category,"sex must be one of female, male, or null when it is not known"',
        '4,7,clientId,wrong_format,"clientId must be 1 to 128 letters, digits and . _ : @ - and start with a letter or digit"',
        '5,8,,wrong_length,"expected 26 cells, as many as the header has, found 25"',
        '6,9,,wrong_length,"expected 26 cells, as many as the header has, found 27"',
        '',
      ].join('\n'),
    );
  });

  it('leave no errors file of an earlier run once they are corrected', async () => {
    await write('in.csv', someRows({ creditLimit: '' }));
    expect((await run('in.csv', 'out.csv')).exitCode).toBe(2);
    expect(await read('out.csv')).toHaveLength(1);
    await write('in.csv', someRows({}));
    expect((await run('in.csv', 'out.csv')).exitCode).toBe(0);
    expect(await readdir(folder)).toEqual(['in.csv', 'out.csv']);
  });
});

describe('a file that cannot be scored', () => {
  const text = (rows: readonly (readonly string[])[]): string => rows.map((row) => row.join(',')).join('\n');
  const renamed = (from: RegExp, to: string): string =>
    text(someRows({}).map((row, index) => (index === 0 ? row.map((name) => name.replace(from, to)) : row)));

  it.each([
    { why: 'it is empty', content: () => '', message: /the file is empty.*creditLimit, repaymentStatus1/ },
    {
      why: 'required columns are missing',
      content: () => renamed(/^(billAmount2|paymentAmount6)$/, 'x$1'),
      message: /lacks 2 required columns: billAmount2, paymentAmount6\. Add them/,
    },
    {
      why: 'a column stands twice',
      content: () => renamed(/^label$/, 'creditLimit'),
      message: /stand twice in the header: creditLimit\./,
    },
    {
      why: 'it is separated by semicolons',
      content: () => text(someRows({})).replaceAll(',', ';'),
      message: /lacks 19 required columns: .*separated by commas/,
    },
    {
      why: 'a quote stands in the middle of a cell',
      content: () => text(someRows({}, {}, { label: '5"' })),
      message: /the row at line 4 has a quote in the middle/,
    },
    {
      why: 'a quote is never closed',
      content: () => `${text(someRows({}, { label: '"0' }, {}))}\n${'x'.repeat(2 ** 20)}`,
      message: /the row at line 3 has a quote .*never closed/,
    },
  ])('is refused when $why, and an old result stays', async ({ content, message }) => {
    await writeFile(at('in.csv'), content());
    await writeFile(at('out.csv'), 'old');
    const { exitCode, error, output } = await run('in.csv', 'out.csv');
    expect(exitCode).toBeUndefined();
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
    expect(error?.message).toContain(at('in.csv'));
    expect(output).toBe('');
    expect(await readdir(folder)).toEqual(['in.csv', 'out.csv']);
    expect(await readFile(at('out.csv'), 'utf8')).toBe('old');
  });

  it('is refused when the result would replace it, by whatever name', async () => {
    await write('in.csv', someRows({}));
    await link(at('in.csv'), at('hard.csv'));
    await symlink(at('in.csv'), at('soft.csv'));
    await link(at('in.csv'), at('out.errors.csv'));
    for (const output of ['in.csv', 'hard.csv', 'soft.csv', 'out.csv']) {
      const { error } = await run('in.csv', output);
      expect(error?.message).toMatch(/would replace the file that is read/);
    }
    expect(await readFile(at('in.csv'), 'utf8')).toContain('creditLimit');
  });

  it.each([
    { input: 'none.csv', output: 'out.csv', message: /none\.csv: there is no such file/ },
    { input: 'folder', output: 'out.csv', message: /folder: it is a folder/ },
    { input: 'in.csv', output: 'folder', message: /folder: it is there already and is no ordinary file/ },
    { input: 'in.csv', output: 'none/out.csv', message: /none\/out\.csv: cannot be written: .*\(ENOENT\)/ },
  ])('is refused from $input to $output', async ({ input, output, message }) => {
    await write('in.csv', someRows({}));
    await mkdir(at('folder'));
    const { error } = await run(input, output);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
    expect(await readdir(folder)).toEqual(['folder', 'in.csv']);
  });
});

describe('a run that is interrupted', () => {
  it('removes its files and leaves those of an earlier run', async () => {
    const rows = holdout.map((row, index) => (index % 100 === 3 ? row.slice(1) : row));
    await write('in.csv', rows);
    await writeFile(at('out.csv'), 'old');
    await writeFile(at('out.errors.csv'), 'old errors');
    const interruption = new AbortController();
    const afterFirstBatch = {
      update: (): void => {
        interruption.abort();
      },
      stop: (): void => undefined,
    };
    const paths = await checkScorePaths(at('in.csv'), at('out.csv'));
    await expect(
      scoreFile(paths, await loadModels({}), afterFirstBatch, interruption.signal),
    ).rejects.toThrow(/abort/i);
    expect(await readdir(folder)).toEqual(['in.csv', 'out.csv', 'out.errors.csv']);
    expect(await readFile(at('out.csv'), 'utf8')).toBe('old');
    expect(await readFile(at('out.errors.csv'), 'utf8')).toBe('old errors');
  });
});

describe('what is typed', () => {
  it('is explained by --help', async () => {
    const { exitCode, output } = await runInside(score, ['--help']);
    expect(exitCode).toBe(0);
    expect(output).toContain('npm run score -- <in.csv> <out.csv>');
    expect(output).toContain('Exit code: 0');
  });

  it.each([
    { words: [], message: /expected two files/ },
    { words: ['in.csv'], message: /expected two files/ },
    { words: ['a', 'b', 'c'], message: /expected two files/ },
    { words: ['--force', 'a', 'b'], message: /Unknown option '--force'\. See --help\./ },
  ])('is refused: $words', async ({ words, message }) => {
    const { error } = await runInside(score, words);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
  });
});
