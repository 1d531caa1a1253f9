import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../src/command-line/command';
import { replay } from '../../src/command-line/replay-command';
import { GuardedService } from '../factories/access';
import { type CommandResult, runInside } from '../factories/command-line';
import { Service } from '../factories/service';

const HOLDOUT = join('data', 'samples', 'holdout.csv');

let service: Service;
let folder: string;
let lines: string[];
beforeAll(async () => {
  service = await Service.start();
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-replay-'));
  lines = (await readFile(HOLDOUT, 'utf8')).trimEnd().split('\n');
});
afterAll(async () => {
  await service.remove();
  await rm(folder, { recursive: true });
});

async function fileOf(...content: readonly string[]): Promise<string> {
  const file = join(folder, 'cases.csv');
  await writeFile(file, `${content.join('\n')}\n`);
  return file;
}

const run = (...words: readonly string[]): Promise<CommandResult> =>
  runInside(replay, ['--url', service.url, ...words]);

describe('replaying known applications', () => {
  it("finds every probability equal to scikit-learn's, and each decision in the log", async () => {
    const { exitCode, output } = await run('--rows', '250', '--rate', '500');
    expect(output).toContain("all 250 probabilities are scikit-learn's, bit for bit");
    expect(output).toContain('status 200: 250 (100.0 %)');
    expect(output).toMatch(/credit-default 1\.0\.0: 250/);
    expect(output).toMatch(/APPROVED: \d+ .*REFERRED: \d+ .*REJECTED: \d+ /);
    expect(output).toMatch(/p50 [\d.]+ ms · p95 [\d.]+ ms · p99 [\d.]+ ms/);
    expect(exitCode).toBe(0);
    const { body } = (await service.get('/predictions?clientId=uci-3')) as {
      body: { records: { protected?: unknown }[] };
    };
    expect(JSON.stringify(body)).toContain('"sex":"female"');
  });

  it('keeps the rate that was asked for', async () => {
    const started = performance.now();
    await run('--rows', '40', '--rate', '50');
    expect(performance.now() - started).toBeGreaterThan(39 * 20);
  });

  it('starts the file over after its last row', async () => {
    const { exitCode, output } = await run('--file', await fileOf(...lines.slice(0, 4)), '--rows', '7');
    expect(output).toContain('all 7 probabilities');
    expect(exitCode).toBe(0);
  });

  it('fails when a probability differs in its last digit', async () => {
    const [header = '', first = '', second = ''] = lines;
    const file = await fileOf(
      header,
      first,
      second.replace(/\d$/, (digit) => String((Number(digit) + 4) % 10)),
    );
    const { exitCode, output } = await run('--file', file, '--rows', '2');
    expect(output).toContain("1 of 2 probabilities differ from scikit-learn's");
    expect(exitCode).toBe(1);
  });

  it('fails when the service refuses an application', async () => {
    const [header = '', first = ''] = lines;
    const file = await fileOf(header, first, first.replace(/^uci-3,\d+/, 'uci-3,7'));
    const { exitCode, output } = await run('--file', file, '--rows', '2');
    expect(output).toContain('status 200: 1 (50.0 %) · 400: 1 (50.0 %)');
    expect(exitCode).toBe(1);
  });

  it('says so when there is nothing to compare with', async () => {
    const file = await fileOf(...lines.slice(0, 3).map((line) => line.replace(/,[^,]*$/, '')));
    const { exitCode, output } = await run('--file', file, '--rows', '2');
    expect(output).toContain('nothing to compare with: no column probability');
    expect(exitCode).toBe(0);
  });

  it('tells the summary so far when it is interrupted', async () => {
    const words = ['--url', service.url, '--rows', '1000', '--rate', '100'];
    const { error, output } = await runInside(replay, words, { signal: AbortSignal.timeout(4000) });
    expect(error).toBeDefined();
    expect(error).not.toBeInstanceOf(CommandError);
    expect(output).toMatch(/Sent +\d+ of 1,000 /);
  });
});

describe('a service with access control', () => {
  let guarded: GuardedService;
  beforeAll(async () => {
    guarded = await GuardedService.start();
  });
  afterAll(() => guarded.service.remove());

  const replayWith = (environment: Readonly<Record<string, string>>, rows = 40): Promise<CommandResult> =>
    runInside(replay, ['--url', guarded.service.url, '--rows', String(rows), '--rate', '400'], {
      environment,
    });
  const keyFile = join(tmpdir(), `credit-scoring-key-${process.pid}`);
  afterEach(() => rm(keyFile, { force: true }));

  it.each(['API_KEY', 'API_KEY_FILE'])('is replayed to with the key of %s', async (setting) => {
    const key = await guarded.key({ scopes: ['predict'] });
    await writeFile(keyFile, `${key}\n`);
    const { exitCode, output, messages } = await replayWith({
      [setting]: setting === 'API_KEY' ? key : keyFile,
    });
    expect(output).toContain("all 40 probabilities are scikit-learn's, bit for bit");
    expect(exitCode).toBe(0);
    expect(output + messages).not.toContain(key);
  });

  it.each([
    {
      what: 'no key',
      key: () => undefined,
      message: /asks for a key \(status 401\).*keys -- create.*API_KEY_FILE/,
    },
    {
      what: 'a key it does not know',
      key: () => 'not-a-key-of-it',
      message: /does not take the key.*\(status 401\).*keys -- create/,
    },
    {
      what: 'a key without the scope',
      key: () => guarded.key({ scopes: ['monitor'] }),
      message: /may not decide \(status 403\).*scope predict/,
    },
  ])('says what to do with $what, and stops asking', async ({ key, message }) => {
    const text = await key();
    const { error, output } = await replayWith(text === undefined ? {} : { API_KEY: text }, 1_000);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
    if (text !== undefined) expect(`${error?.message ?? ''}${output}`).not.toContain(text);
    expect(output).toMatch(/Sent +\d+ of 1,000 /);
  });

  it.each([
    {
      why: 'two keys',
      environment: { API_KEY: 'secret', API_KEY_FILE: keyFile },
      message: /^API_KEY must not be/,
    },
    {
      why: 'a file that is missing',
      environment: { API_KEY_FILE: keyFile },
      message: /^API_KEY_FILE: there is no/,
    },
    { why: 'two words', environment: { API_KEY: 'secret words' }, message: /^API_KEY must hold one key/ },
  ])('is not asked with $why', async ({ environment, message }) => {
    const { error } = await replayWith(environment);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
    expect(error?.message).not.toContain('secret');
  });

  it('is not needed for a key to be sent: off, the key is passed over', async () => {
    const { exitCode } = await runInside(replay, ['--url', service.url, '--rows', '2'], {
      environment: { API_KEY: 'not-a-key-of-it' },
    });
    expect(exitCode).toBe(0);
  });
});

describe('a file that cannot be replayed', () => {
  it.each([
    { why: 'no rows', change: ([header = '']: string[]) => [header], message: /a header and no rows/ },
    {
      why: 'a short row',
      change: ([header = '', row = '']: string[]) => [header, row.slice(0, row.lastIndexOf(','))],
      message: /line 2 has 25 cells, expected 26/,
    },
    {
      why: 'no number as probability',
      change: ([header = '', row = '']: string[]) => [header, `${row}x`],
      message: /line 2: expected a number from 0 to 1 in the column probability/,
    },
    { why: 'no inputs', change: () => ['a,b', '1,2'], message: /lacks 19 required columns/ },
  ])('is refused for $why', async ({ change, message }) => {
    const { error } = await run('--file', await fileOf(...change(lines)));
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
  });
});

describe('a service that cannot be replayed to', () => {
  let other: Server;
  const listen = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    other = createServer(answer);
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  };
  afterEach(() => {
    other.closeAllConnections();
    other.close();
  });

  it('is named when nothing answers there', async () => {
    const url = await listen(() => undefined);
    await new Promise((resolve) => other.close(resolve));
    const { error } = await runInside(replay, ['--url', url]);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(/does not answer: .*ECONNREFUSED.*npm start/);
  });

  it('is named when something else answers', async () => {
    const url = await listen((_request, response) => response.writeHead(404).end());
    const { error } = await runInside(replay, ['--url', url]);
    expect(error?.message).toMatch(/expected status 200 of GET health, got 404/);
  });

  it('counts connections that are cut and answers without a decision', async () => {
    let asked = 0;
    const url = await listen((request, response) => {
      if (request.url === '/base/health') response.end('{}');
      else if (asked++ % 2 === 0) request.socket.destroy();
      else response.end('{"probability": 0.5}');
    });
    const { exitCode, output } = await runInside(replay, ['--url', `${url}base`, '--rows', '4']);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/Failed +ECONNRESET: 2/);
    expect(output).toContain('2 answers without a decision');
  });
});

describe('what is typed', () => {
  it('is explained by --help', async () => {
    const { exitCode, output } = await runInside(replay, ['-h']);
    expect(exitCode).toBe(0);
    expect(output).toContain('--rate');
  });

  it.each([
    { words: ['--url', 'ftp://127.0.0.1'], message: /--url must be/ },
    { words: ['--url', 'no address'], message: /--url must be/ },
    { words: ['--url', 'http://user:word@127.0.0.1'], message: /--url must be/ },
    { words: ['--rows', '0'], message: /--rows must be/ },
    { words: ['--rows', '1e3'], message: /--rows must be/ },
    { words: ['--rows', '1000001'], message: /--rows must be/ },
    { words: ['--rate', '0'], message: /--rate must be/ },
    { words: ['--rate', 'Infinity'], message: /--rate must be/ },
    { words: ['--rate=-5'], message: /--rate must be/ },
    { words: ['extra'], message: /A word stands without its option/ },
    { words: ['--speed', '3'], message: /Unknown option '--speed'/ },
  ])('is refused: $words', async ({ words, message }) => {
    const { error } = await runInside(replay, words);
    expect(error).toBeInstanceOf(CommandError);
    expect(error?.message).toMatch(message);
  });
});
