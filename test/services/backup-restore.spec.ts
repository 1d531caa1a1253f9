import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Test } from 'supertest';
import { audit } from '../../src/command-line/audit-command';
import { drift } from '../../src/command-line/drift-command';
import { erase } from '../../src/command-line/erase-command';
import { type Prediction } from '../../src/prediction/prediction';
import { runInside } from '../factories/command-line';
import { DecisionLoad } from '../factories/decision-load';
import { PostgresServer } from '../factories/servers/postgres-server';
import { Service } from '../factories/service';

/** What the README tells operators to run. */
const BACK_UP = 'pg_dump --format=custom --file=credit-scoring.dump "$DATABASE_URL"';
const RESTORE =
  'pg_restore --no-owner --exit-on-error --single-transaction --dbname="$NEW_DATABASE_URL" credit-scoring.dump';

let server: PostgresServer;
let folder: string;
beforeAll(async () => {
  server = await PostgresServer.start();
  folder = await mkdtemp(join(tmpdir(), 'credit-scoring-dump-'));
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

async function runShell(command: string, environment: Readonly<Record<string, string>>): Promise<void> {
  await promisify(execFile)('sh', ['-c', command], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
}

function idOf({ body }: { readonly body: unknown }): string {
  return (body as Prediction).id;
}

function dayBefore(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** Ids of the drift reports that the pages offer. */
async function reportsOf(service: Service): Promise<readonly unknown[]> {
  const answer = await service.get('/monitoring/api/drift').expect(200);
  return (answer.body as { runs: { id: unknown }[] }).runs.map(({ id }) => id);
}

describe('a dump of the database, made while services decide', () => {
  it('becomes a database that another service starts with: all that was acknowledged before is there, and new ids follow', async () => {
    const url = await server.createDatabase();
    const settings = { STORAGE: 'postgres', DATABASE_URL: url };
    const service = await Service.start(settings);
    const decide = (key?: string): Test => {
      const request = service.post('/predict', service.exampleBody());
      return (key === undefined ? request : request.set('Idempotency-Key', key)).expect(200);
    };
    const keyed = idOf(await decide('key-of-a-desk'));
    const [from, to] = [dayBefore(2), dayBefore(1)];
    const kept = await runInside(drift, ['--from', from, '--to', to, '--keep'], { environment: settings });
    expect(kept.error).toBeUndefined();
    const reports = await reportsOf(service);
    expect(reports).toHaveLength(1);
    const hold = await runInside(erase, ['--hold', 'client-1', '--reason', 'case 12'], {
      environment: settings,
    });
    expect(hold.error).toBeUndefined();

    const load = new DecisionLoad(async () => idOf(await decide()), 4);
    await load.more(100);
    const acknowledged = [...load.acknowledged];
    await runShell(BACK_UP, { DATABASE_URL: url });
    await load.more(1);
    await load.stop();
    await service.remove();

    const restoredUrl = await server.createDatabase();
    await runShell(RESTORE, { NEW_DATABASE_URL: restoredUrl });
    const restoredSettings = { STORAGE: 'postgres', DATABASE_URL: restoredUrl };
    const restored = await Service.start(restoredSettings);
    for (const id of acknowledged) await restored.get(`/predictions/${id}`).expect(200);
    await restored.post(`/predictions/${keyed}/replay`, {}).expect(200, /"identical":true/);
    expect(await reportsOf(restored)).toEqual(reports);
    const again = await restored
      .post('/predict', restored.exampleBody())
      .set('Idempotency-Key', 'key-of-a-desk')
      .expect(200);
    expect(idOf(again)).toBe(keyed);
    const next = idOf(await restored.post('/predict', restored.exampleBody()).expect(200));
    const listed = await restored.get('/predictions?limit=2').expect(200);
    const [newest, before] = (listed.body as { items: { id: string }[] }).items;
    expect(newest?.id).toBe(next);
    expect((before?.id ?? '') < next).toBe(true);
    await restored.remove();

    const holds = await runInside(erase, ['--list-holds'], { environment: restoredSettings });
    expect(holds.output).toBe('client-1\n');
    const trail = await runInside(audit, ['--from', '2026-01-01', '--action', 'legal-hold-set'], {
      environment: restoredSettings,
    });
    expect(trail.messages).toBe('1 audit records\n');
  });
});
