import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Service } from '../factories/service';

const REQUIREMENTS_FILE = join(__dirname, 'requirements.txt');
/** Which answers follow from rules that no schema can state. */
const SETTINGS_FILE = join(__dirname, 'schemathesis.toml');
/** Of a fuzzed route; together with the enumerated and stateful ones some thousands of requests. */
const CASES_A_ROUTE = 60;
/** A failure can be repeated: the same seed makes the same requests. */
const SEED = 20_261_123;
/** Loading packages and some thousands of requests take about a minute on a busy machine. */
const PATIENCE_MS = 180_000;

let service: Service;
let environment: string;
/** In the order of their making; undone backwards, also when a later one failed. */
const cleanUps: (() => Promise<void>)[] = [];

beforeAll(async () => {
  environment = await mkdtemp(join(tmpdir(), 'credit-scoring-schemathesis-'));
  cleanUps.push(() => rm(environment, { recursive: true, force: true }));
  run('python3', ['-m', 'venv', environment]);
  run(join(environment, 'bin/pip'), ['install', '--quiet', '--requirement', REQUIREMENTS_FILE]);
  service = await Service.start({ AUTH: 'off' });
  cleanUps.push(() => service.remove());
}, PATIENCE_MS);
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

/** @throws {Error} when the program is missing or fails, with what it said */
function run(program: string, parameters: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (error) {
    throw new Error(`${program} could not be run. Install it: apt-get install python3 python3-venv`, {
      cause: error,
    });
  }
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')} failed: ${stdout}${stderr}`);
}

/** What Schemathesis said, whether it was content or not. */
function runSchemathesis(): Promise<string> {
  const parameters = [
    ['--config-file', SETTINGS_FILE, 'run', `${service.url}/docs-json`, '--checks', 'all'],
    ['--max-examples', String(CASES_A_ROUTE), '--seed', String(SEED), '--continue-on-failure'],
  ].flat();
  // In its own folder: it keeps what it found for the next run.
  const settings = { cwd: environment, timeout: PATIENCE_MS, maxBuffer: Infinity };
  return new Promise((resolve) => {
    execFile(join(environment, 'bin/schemathesis'), parameters, settings, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

describe('Schemathesis, with every check it has', () => {
  it(
    'finds every route of the API description as it is described',
    async () => {
      const answer = await service.get('/docs-json').expect(200);
      const { paths } = answer.body as { paths: Record<string, object> };
      const routes = Object.values(paths).flatMap((path) => Object.keys(path)).length;
      const said = await runSchemathesis();
      expect(said).toMatch(/No issues found in/);
      expect(said).toContain(`Tested: ${routes}`);
    },
    PATIENCE_MS,
  );

  it('leaves a service that decides', async () => {
    await service.post('/predict', service.exampleBody()).expect(200);
    expect(service.fatalErrors).toEqual([]);
  });
});
