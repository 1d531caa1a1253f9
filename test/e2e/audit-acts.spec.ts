import { join } from 'node:path';
import { readAuditFolders } from '../../src/audit/file/read-audit-folders';
import { keys } from '../../src/command-line/keys-command';
import { type Prediction } from '../../src/prediction/prediction';
import { GuardedService } from '../factories/access';
import { runInside } from '../factories/command-line';
import { PageVisitor, readFormToken } from '../factories/page-visitor';

let guarded: GuardedService;
beforeEach(async () => {
  guarded = await GuardedService.start();
});
afterEach(() => guarded.service.remove());

/** Everything in the trail but its times: caller, action, subject, outcome. */
async function readTrail(): Promise<string[]> {
  const acts: string[] = [];
  const span = { fromMs: 0, toMs: Date.now() + 60_000 };
  for await (const { caller, audit } of readAuditFolders(
    join(guarded.service.dataFolder, 'logs'),
    span,
    () => undefined,
  )) {
    acts.push([caller, audit.action, audit.subject ?? '', audit.outcome].join(' '));
  }
  return acts;
}

/** The trail of a running service is written within moments; the last of the expected acts is waited for. */
async function expectInTrail(...expected: string[]): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    const trail = await readTrail();
    if (expected.every((act) => trail.includes(act))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await readTrail()).toEqual(expect.arrayContaining(expected));
}

describe('the audit trail', () => {
  it('hears of log-ins, failed ones and log-outs', async () => {
    const key = await guarded.key({ name: 'operator' });
    const visitor = new PageVisitor(guarded.service);
    await visitor.logIn(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`);
    await visitor.logIn(key);
    const page = await visitor.open('/monitoring');
    await visitor.send('/monitoring/logout', { 'csrf-token': readFormToken(page) });
    await expectInTrail(
      'anonymous log-in-failed  refused',
      'operator log-in  done',
      'operator log-out  done',
    );
  });

  it('hears of who was refused where, of replays and of exports', async () => {
    const key = await guarded.key({ name: 'client' });
    const { service } = guarded;
    // The first refusal of an address stands at once; those after it within a minute become one record together.
    const weak = await guarded.key({ name: 'weak', scopes: ['predict'] });
    await service.get('/predictions/nothing').set('X-API-Key', weak).expect(403);
    await service.get('/predictions').expect(401);
    const answer = await service.post('/predict', service.exampleBody()).set('X-API-Key', key).expect(200);
    const { id } = answer.body as Prediction;
    await service.post(`/predictions/${id}/replay`, {}).set('X-API-Key', key).expect(200);
    await service.get('/monitoring/api/predictions?format=csv').set('X-API-Key', key).expect(200);
    await service.get('/monitoring/api/predictions').set('X-API-Key', key).expect(200);
    await expectInTrail(
      'weak access-refused /predictions/nothing 403',
      `client replay ${id} identical`,
      'client export /monitoring/api/predictions sent',
    );
    const exports = (await readTrail()).filter((act) => act.includes(' export '));
    expect(exports).toHaveLength(1);
  });

  it('hears of keys that were made and revoked at the command line', async () => {
    const environment = { DATA_DIR: guarded.service.dataFolder };
    const made = await runInside(keys, ['create', '--name', 'new', '--scopes', 'predict'], { environment });
    const prefix = made.output.split('_')[1] ?? '';
    await runInside(keys, ['revoke', prefix], { environment });
    const acts = (await readTrail()).map((act) => act.split(' ').slice(1).join(' '));
    expect(acts).toEqual([`key-created ${prefix} done`, `key-revoked ${prefix} done`]);
  });
});
