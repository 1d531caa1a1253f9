import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from '../../src/command-line/audit-command';
import { erase } from '../../src/command-line/erase-command';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { type DecisionRecord } from '../../src/logging/prediction-record';
import { MONITORING_ENGINE, type MonitoringEngine } from '../../src/monitoring/engine/monitoring-engine';
import { type Prediction } from '../../src/prediction/prediction';
import { type CommandResult, runInside } from '../factories/command-line';
import { aDecision } from '../factories/prediction-record';
import { Service } from '../factories/service';

const CLIENT = 'client-4711';
const OTHER = 'client-47110';

/** Values that stand nowhere else in the folder. */
const CREDIT_LIMIT = 123_457;
const BILL = 765_431;

let dataFolder: string;
let service: Service;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-erasure-'));
  service = await Service.start({ DATA_DIR: dataFolder });
});
afterEach(() => service.remove());

function run(...words: string[]): Promise<CommandResult> {
  return runInside(erase, words, { environment: { DATA_DIR: dataFolder } });
}

async function predict(clientId: string, differences: object = {}): Promise<string> {
  const body = { ...service.exampleBody(), clientId, ...differences };
  const response = await service.post('/predict', body).expect(200);
  return (response.body as Prediction).id;
}

async function readTrail(...words: string[]): Promise<Record<string, unknown>[]> {
  const { output } = await runInside(audit, ['--from', '2020-01-01', '--json', ...words], {
    environment: { DATA_DIR: dataFolder },
  });
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Files of the data folder that hold any of the client's values, as text or as a float64. */
async function filesWithTraces(): Promise<string[]> {
  const numbers = [CREDIT_LIMIT, BILL].map((value) => Buffer.from(Float64Array.of(value).buffer));
  const texts = [`"${CLIENT}"`, String(CREDIT_LIMIT), String(BILL)].map((text) => Buffer.from(text));
  const found: string[] = [];
  for (const name of await readdir(dataFolder, { recursive: true })) {
    const path = join(dataFolder, name);
    if (!(await stat(path)).isFile()) continue;
    const bytes = await readFile(path);
    if ([...numbers, ...texts].some((trace) => bytes.includes(trace))) found.push(name);
  }
  return found;
}

describe('npm run erase, beside a running service', () => {
  it('leaves the decision and nothing of the person, anywhere in the folder', async () => {
    const id = await predict(CLIENT, { creditLimit: CREDIT_LIMIT, billAmount1: BILL });
    const otherId = await predict(OTHER);
    expect(await filesWithTraces()).toEqual([join('logs', 'production_logs.json')]);
    const before = (await service.get(`/predictions/${id}`).expect(200)).body as Record<string, unknown>;
    const otherBefore = (await service.get(`/predictions/${otherId}`).expect(200)).body as object;

    const { error, exitCode, output } = await run('--client', CLIENT, '--reason', 'request 2026-118');
    expect(error).toBeUndefined();
    expect(exitCode).toBe(0);
    const [, tombstone] =
      /^1 records in 1 segments were erased; the client is (erased-[0-9a-f]{24}) there\.\n$/.exec(output) ??
      [];
    expect(tombstone).toBeDefined();

    const after = (await service.get(`/predictions/${id}`).expect(200)).body as Record<string, unknown>;
    const nothing = Object.fromEntries(Object.keys(service.exampleBody()).map((name) => [name, null]));
    expect(after).toEqual({
      ...before,
      clientId: tombstone,
      inputs: nothing,
      erased: { at: expect.stringMatching(/^\d{4}-.*Z$/) as string },
    });
    expect((await service.get(`/predictions/${otherId}`).expect(200)).body).toEqual(otherBefore);
    expect(
      ((await service.get(`/predictions?clientId=${CLIENT}`).expect(200)).body as { items: [] }).items,
    ).toEqual([]);
    expect(await filesWithTraces()).toEqual([]);

    // Values the reading thread still had in memory are kept for drift reports when the service stops or the hour ends.
    await service.app.get<MonitoringEngine>(MONITORING_ENGINE, { strict: false }).catchUp();
    await service.stop();
    expect(await filesWithTraces()).toEqual([]);
    service = await Service.start({ DATA_DIR: dataFolder });
    expect((await service.get(`/predictions/${id}`).expect(200)).body).toEqual(after);
  });

  it('makes a replay impossible, which says so, and leaves those of others', async () => {
    const id = await predict(CLIENT);
    const otherId = await predict(OTHER);
    await run('--client', CLIENT, '--reason', 'request 2026-118');
    const refused = await service.post(`/predictions/${id}/replay`, {}).expect(409);
    expect(refused.body).toMatchObject({
      type: 'urn:credit-scoring:problem:record-erased',
      detail:
        'The client was erased: without the inputs the decision cannot be made again. Its record stays.',
    });
    await service.post(`/predictions/${otherId}/replay`, {}).expect(200, /"identical":true/);
    await predict(CLIENT);
  });

  it('is refused under legal hold until that is released, and all of it is on record without the client', async () => {
    const id = await predict(CLIENT);
    expect((await run('--hold', CLIENT, '--reason', 'case 12')).output).toBe(
      'The client is under legal hold.\n',
    );
    expect((await run('--hold', CLIENT, '--reason', 'case 12')).output).toContain('already');
    expect((await run('--list-holds')).output).toBe(`${CLIENT}\n`);
    const refused = await run('--client', CLIENT, '--reason', 'request 2026-118');
    expect(refused.error?.message).toBe(
      'The client is under legal hold: nothing was erased. Release the hold first, when it may be released.',
    );
    const record = await service.get(`/predictions/${id}`).expect(200);
    expect(record.body).toMatchObject({ clientId: CLIENT });
    await run('--release', CLIENT, '--reason', 'case 12 closed');
    expect((await run('--list-holds')).output).toBe('Nobody is under legal hold.\n');
    expect((await run('--client', CLIENT, '--reason', 'request 2026-118')).exitCode).toBe(0);

    const trail = await readTrail();
    expect(trail.map(({ audit: act }) => act)).toEqual([
      expect.objectContaining({ action: 'legal-hold-set', outcome: 'done', details: { reason: 'case 12' } }),
      expect.objectContaining({ action: 'erasure', outcome: 'refused', from: 'command line' }),
      expect.objectContaining({ action: 'legal-hold-released', outcome: 'done' }),
      expect.objectContaining({ action: 'erasure', outcome: 'begun' }),
      expect.objectContaining({ action: 'erasure', outcome: 'done' }),
    ]);
    expect(JSON.stringify(trail)).not.toContain(CLIENT);
    // Whoever knows the client finds what was done to it; another client has nothing.
    expect(await readTrail('--client', CLIENT)).toHaveLength(5);
    expect(await readTrail('--client', OTHER)).toHaveLength(0);
    expect(await readTrail('--action', 'legal-hold-set')).toHaveLength(1);
  });

  it('says that there is nothing, and still leaves its record', async () => {
    const { output, exitCode } = await run('--client', CLIENT, '--reason', 'request 2026-118');
    expect({ output, exitCode }).toEqual({
      output: 'The log holds no record of this client.\n',
      exitCode: 0,
    });
    expect(await readTrail('--action', 'erasure')).toHaveLength(2);
  });

  it('erases nothing while the file of legal holds cannot be understood', async () => {
    await predict(CLIENT);
    await run('--list-holds');
    await run('--hold', OTHER, '--reason', 'case 12');
    await writeFile(join(dataFolder, 'logs/upkeep/legal-holds.json'), '{"format":"legal-holds/1"}');
    const { error } = await run('--client', CLIENT, '--reason', 'request 2026-118');
    expect(error?.message).toMatch(/legal-holds\.json: expected .* nothing is erased or removed/);
    expect(((await service.get(`/predictions?clientId=${CLIENT}`)).body as { items: [] }).items).toHaveLength(
      1,
    );
  });
});

describe('npm run erase, without a service', () => {
  it('erases what the active segment held as well, and leaves a log a service goes on with', async () => {
    const id = await predict(CLIENT, { creditLimit: CREDIT_LIMIT });
    await service.stop();
    expect((await run('--client', CLIENT, '--reason', 'request 2026-118')).exitCode).toBe(0);
    expect(await filesWithTraces()).toEqual([]);
    service = await Service.start({ DATA_DIR: dataFolder });
    const record = await service.get(`/predictions/${id}`).expect(200);
    expect(record.body).toMatchObject({ id, decision: expect.any(String) as string });
    await predict(CLIENT);
  });

  it.each([
    { words: [], says: 'Give one of --client, --hold, --release and --list-holds. See --help.' },
    { words: ['--client', CLIENT, '--hold', CLIENT], says: 'Give one of' },
    { words: ['--client', CLIENT], says: '--reason must say why, in 1 to 200 characters' },
    { words: ['--client', CLIENT, '--reason', `of ${CLIENT}`], says: '--reason must not name the client' },
    {
      words: ['--client', 'a b', '--reason', 'x'],
      says: '--client must be a client id as POST /predict takes it',
    },
    { words: [CLIENT], says: 'A word stands without its option' },
  ])('refuses $words, naming the option and never the client', async ({ words, says }) => {
    const { error } = await run(...words);
    expect(error?.name).toBe('CommandError');
    expect(error?.message).toContain(says);
    expect(error?.message).not.toContain(CLIENT);
  });

  it('refuses a folder without a log instead of making one', async () => {
    const empty = join(dataFolder, 'elsewhere');
    const { error } = await runInside(erase, ['--client', CLIENT, '--reason', 'x'], {
      environment: { DATA_DIR: empty },
    });
    expect(error?.message).toContain('Expected the folder of the prediction log: set DATA_DIR');
    await expect(stat(empty)).rejects.toThrow('ENOENT');
    await rm(empty, { recursive: true, force: true });
  });
});

describe('npm run erase, where several tenants send applications', () => {
  it("erases one tenant's client and leaves another's of the same name", async () => {
    await service.stop();
    const log = await FilePredictionLog.open({
      folder: join(dataFolder, 'logs'),
      fsync: 'never',
      clock: Date.now,
      onFatal: (error) => {
        throw error;
      },
    });
    for (const tenant of ['shop', 'bank']) {
      await log.append<DecisionRecord>(aDecision({ clientId: CLIENT, tenant }));
    }
    await run('--client', CLIENT, '--tenant', 'bank', '--reason', 'request 2026-118');
    const { records } = await log.read({ limit: 10 });
    expect(records.map(({ tenant, clientId }) => [tenant, clientId === CLIENT])).toEqual([
      ['shop', true],
      ['bank', false],
    ]);
    await log.close();
    expect((await readTrail())[0]).toMatchObject({ audit: { details: { tenant: 'bank' } } });
    service = await Service.start({ DATA_DIR: dataFolder });
  });
});
