import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RetentionJob } from '../../src/audit/retention-job';
import { audit } from '../../src/command-line/audit-command';
import { type Command } from '../../src/command-line/command';
import { erase } from '../../src/command-line/erase-command';
import { keys } from '../../src/command-line/keys-command';
import { retention } from '../../src/command-line/retention-command';
import { AUDIT, type Audit } from '../../src/common/audit';
import { Database } from '../../src/database/database';
import { migrateDatabase } from '../../src/database/migrate-database';
import { PostgresPredictionLog } from '../../src/logging/postgres/postgres-prediction-log';
import { type AuditRecord, type DecisionRecord } from '../../src/logging/prediction-record';
import { type Prediction } from '../../src/prediction/prediction';
import { type CommandResult, runInside } from '../factories/command-line';
import { aDecision } from '../factories/prediction-record';
import { Service } from '../factories/service';
import { PostgresServer } from '../factories/servers/postgres-server';

const CLIENT = 'client-4711';
const OTHER = 'client-47110';
const DAY_MS = 86_400_000;

let server: PostgresServer;
let url: string;
let dataFolder: string;
beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.remove());
beforeEach(async () => {
  url = await server.createDatabase();
  dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-upkeep-'));
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

function settings(): Record<string, string> {
  return { STORAGE: 'postgres', DATABASE_URL: url, DATA_DIR: dataFolder, RETENTION_DAYS: '30' };
}

function run(command: Command, ...words: string[]): Promise<CommandResult> {
  // Nothing of the log may be looked for in a folder.
  return runInside(command, words, {
    environment: { ...settings(), DATA_DIR: join(dataFolder, 'not there') },
  });
}

async function readTrail(...words: string[]): Promise<AuditRecord[]> {
  const { error, output } = await run(audit, '--from', '2020-01-01', '--json', ...words);
  expect(error).toBeUndefined();
  const lines = output.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as AuditRecord);
}

/** A record of the client `client-of-<days>` so many days ago. */
async function writeLog(...daysAgo: number[]): Promise<void> {
  await migrateDatabase(url);
  const database = new Database({ url });
  let now = 0;
  const log = await PostgresPredictionLog.open({ database, clock: () => now });
  for (const days of daysAgo) {
    now = Date.now() - days * DAY_MS;
    await log.append<DecisionRecord>(aDecision({ clientId: `client-of-${days}` }));
  }
  await log.close();
  await database.close();
}

/** The name of the partition of so many days ago. */
function partition(daysAgo: number): string {
  const month = new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 7);
  return `prediction_records_${month.replace('-', '_')}`;
}

describe('npm run erase, with STORAGE=postgres', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start(settings());
  });
  afterEach(() => service.stop());

  async function predict(clientId: string, key?: string): Promise<string> {
    const body = { ...service.exampleBody(), clientId };
    const request = service.post('/predict', body);
    if (key !== undefined) void request.set('Idempotency-Key', key);
    return ((await request.expect(200)).body as Prediction).id;
  }

  it('leaves the decision and nothing of the person, in no table, and the client of another name', async () => {
    const id = await predict(CLIENT);
    const otherId = await predict(OTHER);
    const before = (await service.get(`/predictions/${id}`).expect(200)).body as object;
    const otherBefore = (await service.get(`/predictions/${otherId}`).expect(200)).body as object;

    const { error, exitCode, output } = await run(erase, '--client', CLIENT, '--reason', 'request 2026-118');
    expect(error).toBeUndefined();
    expect(exitCode).toBe(0);
    const [, tombstone] =
      /^1 records in 1 segments were erased; the client is (erased-[0-9a-f]{24}) there\.\n$/.exec(output) ??
      [];
    expect(tombstone).toBeDefined();

    const after = (await service.get(`/predictions/${id}`).expect(200)).body as object;
    const nothing = Object.fromEntries(Object.keys(service.exampleBody()).map((name) => [name, null]));
    expect(after).toEqual({
      ...before,
      clientId: tombstone,
      inputs: nothing,
      erased: { at: expect.stringMatching(/^\d{4}-.*Z$/) as string },
    });
    expect((await service.get(`/predictions/${otherId}`).expect(200)).body).toEqual(otherBefore);
    const listed = await service.get(`/predictions?clientId=${CLIENT}`).expect(200);
    expect((listed.body as { items: [] }).items).toEqual([]);
    const database = new Database({ url });
    for (const table of ['prediction_records', 'legal_holds', 'shared_state']) {
      const { rows } = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
      expect(rows.filter(({ row }) => row.includes(`${CLIENT}"`))).toEqual([]);
    }
    await database.close();

    await service.post(`/predictions/${id}/replay`, {}).expect(409, /record-erased/);
    await service.post(`/predictions/${otherId}/replay`, {}).expect(200, /"identical":true/);
  });

  it("forgets the client's idempotency keys with the records, as with files, and no others", async () => {
    const id = await predict(CLIENT, 'key-of-client');
    const otherId = await predict(OTHER, 'key-of-other');
    expect(await predict(CLIENT, 'key-of-client')).toBe(id);
    await run(erase, '--client', CLIENT, '--reason', 'request 2026-118');
    expect(await predict(OTHER, 'key-of-other')).toBe(otherId);
    expect(await predict(CLIENT, 'key-of-client')).not.toBe(id);
  });

  it('is refused under legal hold until that is released, and all of it is on record without the client', async () => {
    await predict(CLIENT);
    expect((await run(erase, '--hold', CLIENT, '--reason', 'case 12')).output).toBe(
      'The client is under legal hold.\n',
    );
    expect((await run(erase, '--hold', CLIENT, '--reason', 'case 12')).output).toContain('already');
    expect((await run(erase, '--list-holds')).output).toBe(`${CLIENT}\n`);
    const refused = await run(erase, '--client', CLIENT, '--reason', 'request 2026-118');
    expect(refused.error?.message).toBe(
      'The client is under legal hold: nothing was erased. Release the hold first, when it may be released.',
    );
    await run(erase, '--release', CLIENT, '--reason', 'case 12 closed');
    expect((await run(erase, '--list-holds')).output).toBe('Nobody is under legal hold.\n');
    expect((await run(erase, '--client', CLIENT, '--reason', 'request 2026-118')).exitCode).toBe(0);

    const trail = await readTrail();
    expect(trail.map(({ audit: act }) => [act.action, act.outcome, act.from])).toEqual([
      ['legal-hold-set', 'done', 'command line'],
      ['erasure', 'refused', 'command line'],
      ['legal-hold-released', 'done', 'command line'],
      ['erasure', 'begun', 'command line'],
      ['erasure', 'done', 'command line'],
    ]);
    expect(JSON.stringify(trail)).not.toContain(CLIENT);
    expect(await readTrail('--client', CLIENT)).toHaveLength(5);
    expect(await readTrail('--action', 'legal-hold-set')).toHaveLength(1);
  });
});

describe('npm run retention, with STORAGE=postgres', () => {
  it('removes months that ended before records are kept, keeps those with a held client, and says so', async () => {
    await writeLog(200, 100, 0);
    expect((await run(retention, '--dry-run')).output).toBe(
      `${partition(200)} would be removed\n${partition(100)} would be removed\n`,
    );
    expect(await readTrail()).toEqual([]);
    await run(erase, '--hold', 'client-of-200', '--reason', 'case 12');
    expect((await run(retention)).output).toBe(
      `${partition(100)} removed\n${partition(200)} stays: a client in it is under legal hold\n`,
    );
    await run(erase, '--release', 'client-of-200', '--reason', 'case 12 closed');
    expect((await run(retention)).output).toBe(`${partition(200)} removed\n`);
    expect((await run(retention)).output).toBe('Nothing is older than 30 days (RETENTION_DAYS).\n');
    const [begun] = await readTrail('--action', 'retention');
    expect(begun?.audit).toEqual({
      action: 'retention',
      outcome: 'begun',
      from: 'command line',
      details: {
        segments: 1,
        first: partition(100),
        last: partition(100),
        heldSegments: 1,
        setAsideLines: 0,
      },
    });
  });

  it('runs daily in one of the services that share the database, beside which the others go on', async () => {
    await writeLog(100, 0);
    const services = await Promise.all([Service.start(settings()), Service.start(settings())]);
    await Promise.all(services.map(({ app }) => app.get(RetentionJob, { strict: false }).run()));
    for (const service of services) {
      const listed = await service.get('/predictions').expect(200);
      const items = (listed.body as { items: DecisionRecord[] }).items;
      expect(items.map(({ clientId }) => clientId)).toEqual(['client-of-0']);
    }
    for (const service of services) await service.post('/predict', service.exampleBody()).expect(200);
    await Promise.all(services.map((service) => service.stop()));
    const acts = await readTrail('--action', 'retention');
    expect(acts.map(({ caller, audit: act }) => [caller, act.outcome])).toEqual([
      ['service', 'begun'],
      ['service', 'done'],
    ]);
  });
});

describe('the audit trail, with STORAGE=postgres', () => {
  it('holds what services of every role and commands did, and nothing of it is in a folder', async () => {
    for (const role of ['api', 'monitoring', 'worker']) {
      const queue = role === 'worker' ? { QUEUE: 'rabbitmq', RABBITMQ_URL: 'amqp://127.0.0.1:9' } : {};
      const service = await Service.start({ ...settings(), ...queue, ROLES: role });
      const trail = service.app.get<Audit>(AUDIT, { strict: false });
      await trail.confirm('export', { caller: role }, { outcome: 'done' });
      await service.stop();
    }
    expect((await readTrail('--action', 'export')).map(({ caller }) => caller)).toEqual([
      'api',
      'monitoring',
      'worker',
    ]);
    const keysFile = join(dataFolder, 'keys.json');
    const { output } = await runInside(keys, ['create', '--name', 'desk', '--scopes', 'predict'], {
      environment: { ...settings(), API_KEYS_FILE: keysFile },
    });
    expect(output).not.toBe('');
    expect((await readTrail('--action', 'key-created')).map(({ audit: act }) => act.outcome)).toEqual([
      'done',
    ]);
    const names = await readdir(dataFolder, { recursive: true });
    expect(names.filter((name) => name.includes('production_logs'))).toEqual([]);
  });
});

describe('without the database', () => {
  it.each([
    { name: 'erase', command: erase, words: ['--client', CLIENT, '--reason', 'request 2026-118'] },
    { name: 'erase --list-holds', command: erase, words: ['--list-holds'] },
    { name: 'erase --hold', command: erase, words: ['--hold', CLIENT, '--reason', 'case 12'] },
    { name: 'retention', command: retention, words: [] },
    { name: 'audit', command: audit, words: ['--from', '2026-01-01'] },
    { name: 'keys create', command: keys, words: ['create', '--name', 'desk', '--scopes', 'predict'] },
  ])(
    'npm run $name says what is wrong and what to do, and nothing of the address',
    async ({ command, words }) => {
      const secret = 'postgresql://somebody:secret@127.0.0.1:9/nowhere';
      const keysFile = join(dataFolder, 'keys.json');
      const { error } = await runInside(command, words, {
        environment: { ...settings(), DATABASE_URL: secret, API_KEYS_FILE: keysFile },
      });
      expect(error?.name).toBe('CommandError');
      expect(error?.message).toContain('DATABASE_URL');
      expect(error?.message).not.toMatch(/secret|somebody|127\.0\.0\.1|nowhere/);
      expect(await readdir(dataFolder)).toEqual([]);
    },
  );

  it('npm run erase in a database without tables says that they are to be made', async () => {
    const { error } = await run(erase, '--list-holds');
    expect(error?.name).toBe('CommandError');
    expect(error?.message).toContain('run `npm run migrate`');
  });
});
