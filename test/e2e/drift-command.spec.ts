import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../src/command-line/command';
import { drift } from '../../src/command-line/drift-command';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { type DriftReport } from '../../src/monitoring/drift/drift-report';
import { DriftReports } from '../../src/monitoring/drift/drift-reports';
import { openDriftReportStore } from '../../src/monitoring/drift/open-drift-report-store';
import { type CommandResult, runInside } from '../factories/command-line';
import { DecidedLog, loadModel } from '../factories/decided-log';
import { type DecidedRow, readDecidedRows } from '../factories/drift-window';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOVEMBER_22 = Date.UTC(2026, 10, 22);
const DAY = ['--from', '2026-11-22', '--to', '2026-11-23'];
const NEXT_DAY = ['--from', '2026-11-23', '--to', '2026-11-24'];

/**
 * A log of two days: 300 hold-out clients as they are spread over the first, 250 with low limits over the next;
 * left open, as by a running service.
 */
let dataFolder: string;
let log: DecidedLog;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-drift-'));
  const model = await loadModel();
  log = await DecidedLog.open(dataFolder, model);
  const rows = readDecidedRows(model, join('data', 'samples', 'holdout.csv'));
  const spread = async (chosen: readonly DecidedRow[], fromMs: number): Promise<void> => {
    for (const [index, { inputs, protected: attributes }] of chosen.entries()) {
      await log.decide(fromMs + Math.floor((index * DAY_MS) / chosen.length), inputs, attributes);
    }
  };
  await spread(rows.slice(0, 300), NOVEMBER_22);
  const low = rows.filter(({ inputs }) => Number(inputs['creditLimit']) <= 50_000).slice(0, 250);
  await spread(low, NOVEMBER_22 + DAY_MS);
});
afterAll(async () => {
  await log.close();
  await rm(dataFolder, { recursive: true });
});

const run = (
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> =>
  runInside(drift, words, { environment: { DATA_DIR: dataFolder, ...environment } });

describe('npm run drift', () => {
  it('ends with 0 when nothing drifted, and says it first', async () => {
    const { exitCode, output } = await run(DAY);
    expect(output).toMatch(/^Verdict +stable\n/);
    expect(output).toContain('2026-11-22T00:00:00.000Z to 2026-11-23T00:00:00.000Z (24 h)');
    expect(output).toContain('300 decisions, compared with 6,000 reference rows');
    expect(exitCode).toBe(0);
    const table = output
      .slice(output.indexOf('\n\n') + 2)
      .trimEnd()
      .split('\n');
    expect(table).toHaveLength(1 + 24); // 19 inputs, 4 protected attributes, the probability
    expect(table[0]?.split(/ {2,}/)).toEqual([
      'input',
      'verdict',
      'PSI',
      'threshold',
      'critical',
      'KS',
      'p',
      'adjusted p',
      'n',
      'missing',
      'unseen',
    ]);
    expect(table.slice(1).every((line) => / stable +\d/.test(line))).toBe(true);
    expect(output).toMatch(/^sex \(protected\) +stable +[\d.]+ +0\.1 +[\d.]+ +– /m);
  });

  it('ends with 2 when something drifted, and names it', async () => {
    const { exitCode, output } = await run(NEXT_DAY);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/^Verdict +drifted: .*creditLimit/);
    expect(output).toMatch(/^creditLimit +drifted, major +\d/m);
  });

  it('ends with 2 when there are too few rows to know', async () => {
    const { exitCode, output } = await run([
      '--from',
      '2026-11-22T06:00:00Z',
      '--to',
      '2026-11-22T12:00:00+01:00',
    ]);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/^Verdict +insufficient data: fewer than 200 decisions\n/);
    expect(output).toContain('(5 h)');
  });

  it('says where it looked when there is no row at all', async () => {
    const { exitCode, output } = await run(['--from', '2025-01-01', '--to', '2025-01-02']);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/no decision of this model in the window\. DATA_DIR says/);
  });

  it('takes the thresholds of the settings', async () => {
    const { exitCode, output } = await run(DAY, { DRIFT_MIN_ROWS: '301' });
    expect(exitCode).toBe(2);
    expect(output).toContain('fewer than 301 decisions');
  });

  it('prints the whole report with --json, and writes nothing', async () => {
    const before = await readdir(join(dataFolder, 'logs'));
    const { exitCode, output, messages } = await run([...DAY, '--json']);
    expect({ exitCode, messages }).toEqual({ exitCode: 0, messages: '' });
    const report = JSON.parse(output) as DriftReport;
    expect(report).toMatchObject({
      format: 'drift-report/1',
      trigger: 'manual',
      verdict: 'stable',
      rows: 300,
    });
    expect(report.inputs.find(({ name }) => name === 'creditLimit')?.bins).toHaveLength(10);
    expect(await readdir(join(dataFolder, 'logs'))).toEqual(before);
  });

  it('keeps the report with --keep, where the service finds it', async () => {
    const { exitCode, messages } = await run([...NEXT_DAY, '--keep']);
    expect(exitCode).toBe(2);
    const configuration = parseConfiguration({ DATA_DIR: dataFolder });
    const reports = new DriftReports(await openDriftReportStore(configuration, undefined), configuration);
    const [kept] = await reports.list(10);
    expect(kept).toMatchObject({ trigger: 'manual', verdict: 'drifted', rows: 250 });
    expect(messages).toBe(`Kept as ${kept?.id ?? ''}\n`);
    expect(kept?.drifted).toContain('creditLimit');
    expect(await reports.latest()).toBeUndefined();
  });

  it('keeps no report of hours that are not over: decisions may still come, and a kept report never changes', async () => {
    const from = ['--from', '2026-11-23', '--to'];
    const nextHour = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
    const before = await readdir(join(dataFolder, 'logs'), { recursive: true });
    const { error } = await run([...from, nextHour, '--keep']);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(/--to must not be in the future with --keep/);
    expect(await readdir(join(dataFolder, 'logs'), { recursive: true })).toEqual(before);
    expect((await run([...from, nextHour])).error).toBeUndefined();
  });

  it('ends when it is interrupted', async () => {
    const { error } = await runInside(drift, DAY, {
      environment: { DATA_DIR: dataFolder },
      signal: AbortSignal.abort(),
    });
    expect(error?.name).toBe('AbortError');
  });

  it('says what is missing when the reference sample is not beside the bundle', async () => {
    const models = await mkdtemp(join(tmpdir(), 'credit-scoring-models-'));
    try {
      const folder = join(models, 'german-credit', '1.0.0');
      await cp(join('test', 'fixtures', 'models', 'german-credit', '1.0.0'), folder, { recursive: true });
      await writeFile(join(folder, 'reference.csv'), await readFile(join(folder, 'parity.json')));
      const { error } = await run(DAY, { MODELS_DIR: models });
      expect(error).toBeInstanceOf(CommandError);
      expect(error?.message).toMatch(/reference\.csv: expected the SHA-256 that the bundle names/);
    } finally {
      await rm(models, { recursive: true });
    }
  });
});

describe('what is typed', () => {
  it('is explained by --help', async () => {
    const { exitCode, output } = await run(['--help']);
    expect(exitCode).toBe(0);
    expect(output).toContain('npm run drift -- --from');
    expect(output).toContain('Exit code: 0');
  });

  it.each([
    { words: [], message: /--from must be a day or a time/ },
    { words: ['--from', '2026-11-22'], message: /--to must be a day or a time/ },
    { words: ['--from', '2026-02-30', '--to', '2026-03-05'], message: /--from must be a day/ },
    { words: ['--from', '2026-11-22T06:00', '--to', '2026-11-23'], message: /--from .*with its zone/ },
    {
      words: ['--from', '2026-11-22T06:30:00Z', '--to', '2026-11-23'],
      message: /--from must be on a whole hour/,
    },
    {
      words: ['--from', '2026-11-22T06:00:00+05:30', '--to', '2026-11-23'],
      message: /--from must be on a whole hour/,
    },
    { words: ['--from', '2026-11-23', '--to', '2026-11-23'], message: /--to must be later than --from/ },
    { words: ['--since', 'yesterday'], message: /Unknown option '--since'\. See --help\./ },
    { words: ['2026-11-22'], message: /A word stands without its option/ },
  ])('is refused: $words', async ({ words, message }) => {
    const { error, output } = await run(words);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
    expect(output).toBe('');
  });
});
