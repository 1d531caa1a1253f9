import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditFolder } from '../../src/audit/file/audit-folder';
import { audit } from '../../src/command-line/audit-command';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { type AuditRecord } from '../../src/logging/prediction-record';
import { type CommandResult, runInside } from '../factories/command-line';
import { aDecision, anAuditRecord, aRefusal } from '../factories/prediction-record';
import { Service } from '../factories/service';

const NOON = Date.UTC(2026, 2, 14, 12);

let dataFolder: string;
let now: number;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-audit-'));
  const folder = join(dataFolder, 'logs');
  now = NOON;
  const clock = (): number => now;
  const log = await FilePredictionLog.open({
    folder,
    fsync: 'never',
    clock,
    onFatal: (error) => {
      throw error;
    },
  });
  await log.append(aDecision());
  await log.append<AuditRecord>(anAuditRecord());
  now += 1000;
  await new AuditFolder(folder, 'never', clock).append({
    audit: { action: 'retention', outcome: 'done', from: 'command line', details: { segments: 3 } },
    caller: 'operator',
  });
  now += 1000;
  await log.append(aRefusal());
  await log.append<AuditRecord>({
    audit: {
      action: 'access-refused',
      subject: '/a\nforged\tline',
      outcome: '401',
      from: '203.0.113.9',
      times: 7,
    },
    caller: 'several',
  });
  await log.close();
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

function run(...words: string[]): Promise<CommandResult> {
  return runInside(audit, words, { environment: { DATA_DIR: dataFolder } });
}

describe('npm run audit', () => {
  it('shows who did what, when and from where, of the service and of the command line', async () => {
    const { exitCode, output, messages } = await run('--from', '2026-03-14', '--to', '2026-03-15');
    expect(output.split('\n')).toEqual([
      '2026-03-14T12:00:00.000Z\tadministrator\tkey-created\tcs_1f6f3b6f\tdone\t192.0.2.7\trequestId=0d9a4c0f-f0a2-4a3b-8f0b-f7a7bd3e1d3c',
      '2026-03-14T12:00:01.000Z\toperator\tretention\t-\tdone\tcommand line\tsegments=3',
      '2026-03-14T12:00:02.000Z\tseveral\taccess-refused\t/a?forged?line\t401\t203.0.113.9\ttimes=7',
      '',
    ]);
    expect({ exitCode, messages }).toEqual({ exitCode: 0, messages: '3 audit records\n' });
  });

  it('shows a span and an action, as JSON when asked', async () => {
    const span = ['--from', '2026-03-14T12:00:01Z', '--to', '2026-03-14T12:00:02Z'];
    const { output } = await run(...span, '--json');
    expect(JSON.parse(output)).toMatchObject({ caller: 'operator', audit: { action: 'retention' } });
    expect((await run('--from', '2026-03-14', '--action', 'key-created')).output).toContain('cs_1f6f3b6f');
    expect((await run('--from', '2026-03-14', '--action', 'export')).output).toBe('');
  });

  it.each([
    { words: [], says: '--from must be a day or a time with its zone' },
    { words: ['--from', '2026-02-30'], says: '--from must be a day or a time with its zone' },
    { words: ['--from', '2026-03-15', '--to', '2026-03-14'], says: '--to must be later than --from' },
    { words: ['--from', '2026-03-14', '--action', 'theft'], says: '--action must be one of log-in,' },
    { words: ['--from', '2026-03-14', '--client', 'a b'], says: '--client must be a client id' },
  ])('refuses $words, saying what it must be', async ({ words, says }) => {
    const { error } = await run(...words);
    expect(error?.name).toBe('CommandError');
    expect(error?.message).toContain(says);
  });
});

describe('audit records in the log', () => {
  it('are none of the decisions a service lists, finds or replays', async () => {
    const service = await Service.start({ DATA_DIR: dataFolder });
    const { output } = await run('--from', '2026-03-14', '--json');
    const listed = await service.get('/predictions').expect(200);
    expect((listed.body as { items: unknown[] }).items).toHaveLength(1);
    for (const line of output.trimEnd().split('\n')) {
      const { id } = JSON.parse(line) as AuditRecord;
      await service.get(`/predictions/${id}`).expect(404);
      await service.post(`/predictions/${id}/replay`, {}).expect(404);
    }
    await service.stop();
  });
});
