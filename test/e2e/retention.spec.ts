import { Logger } from '@nestjs/common';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditFolder } from '../../src/audit/file/audit-folder';
import { AuditTrail } from '../../src/audit/audit-trail';
import { openLogUpkeep } from '../../src/audit/open-log-upkeep';
import { RetentionJob } from '../../src/audit/retention-job';
import { SOLE_HOLDER } from '../../src/common/leases';
import { erase } from '../../src/command-line/erase-command';
import { retention } from '../../src/command-line/retention-command';
import { parseConfiguration } from '../../src/config/parse-configuration';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { type AuditRecord, type DecisionRecord } from '../../src/logging/prediction-record';
import { readAuditFolders } from '../../src/audit/file/read-audit-folders';
import { type CommandResult, runInside } from '../factories/command-line';
import { aDecision, anAuditRecord } from '../factories/prediction-record';
import { Service } from '../factories/service';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const dayBefore = (days: number): string => new Date(NOW - days * DAY_MS).toISOString().slice(0, 10);

let dataFolder: string;
let logFolder: string;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'credit-scoring-retention-'));
  logFolder = join(dataFolder, 'logs');
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

/** A log with a record of the client `client-<days>` so many days ago; today's is in the active segment. */
async function writeLog(...daysAgo: number[]): Promise<void> {
  let now = 0;
  const log = await FilePredictionLog.open({
    folder: logFolder,
    fsync: 'never',
    clock: () => now,
    onFatal: (error) => {
      throw error;
    },
  });
  for (const days of daysAgo) {
    now = NOW - days * DAY_MS;
    await log.append<DecisionRecord>(aDecision({ clientId: `client-${String(days)}` }));
  }
  await log.close();
}

function run(...words: string[]): Promise<CommandResult> {
  return runInside(retention, words, { environment: { DATA_DIR: dataFolder, RETENTION_DAYS: '30' } });
}

/** The service's own job, and the log that it writes. */
async function startJob(): Promise<{ readonly job: RetentionJob; readonly log: FilePredictionLog }> {
  const configuration = parseConfiguration({ DATA_DIR: dataFolder, RETENTION_DAYS: '30' });
  const log = await FilePredictionLog.open({
    folder: logFolder,
    fsync: 'never',
    clock: Date.now,
    onFatal: (error) => {
      throw error;
    },
  });
  const job = new RetentionJob(
    configuration,
    Date.now,
    await openLogUpkeep(configuration, Date.now),
    SOLE_HOLDER,
    new AuditTrail({ append: (draft) => log.append<AuditRecord>(draft) }),
  );
  return { job, log };
}

async function segments(folder = logFolder): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('production_logs')).sort();
}

async function readTrail(): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  const span = { fromMs: 0, toMs: Date.now() + DAY_MS };
  for await (const record of readAuditFolders(logFolder, span, () => undefined)) records.push(record);
  return records;
}

describe('npm run retention', () => {
  it('removes segments that are wholly older, and neither the day of the boundary nor the active one', async () => {
    await writeLog(40, 32, 30, 29, 0);
    const { exitCode, output } = await run();
    expect(exitCode).toBe(0);
    expect(output).toBe(
      `production_logs.000000001.${dayBefore(40)}.json removed\n` +
        `production_logs.000000002.${dayBefore(32)}.json removed\n`,
    );
    // Of the day 30 days ago some records may be younger than 30 days.
    expect(await segments()).toEqual([
      `production_logs.000000003.${dayBefore(30)}.json`,
      `production_logs.000000004.${dayBefore(29)}.json`,
      'production_logs.json',
    ]);
    expect((await readTrail()).map(({ audit }) => audit)).toEqual(
      ['begun', 'done'].map((outcome) => ({
        action: 'retention',
        outcome,
        from: 'command line',
        details: {
          segments: 2,
          first: `production_logs.000000001.${dayBefore(40)}.json`,
          last: `production_logs.000000002.${dayBefore(32)}.json`,
          heldSegments: 0,
          setAsideLines: 0,
        },
      })),
    );
  });

  it('keeps the active segment however old it is', async () => {
    await writeLog(400);
    expect((await run()).output).toBe('Nothing is older than 30 days (RETENTION_DAYS).\n');
    expect(await segments()).toEqual(['production_logs.json']);
  });

  it('changes nothing with --dry-run, and leaves no record of it', async () => {
    await writeLog(40, 0);
    const before = await segments();
    expect((await run('--dry-run')).output).toBe(
      `production_logs.000000001.${dayBefore(40)}.json would be removed\n`,
    );
    expect(await segments()).toEqual(before);
    expect(await readTrail()).toEqual([]);
  });

  it('works beside a running service, which goes on and no longer knows what was removed', async () => {
    await writeLog(40, 39, 20, 0);
    const service = await Service.start({ DATA_DIR: dataFolder });
    const listed = async (): Promise<DecisionRecord[]> => {
      const response = await service.get('/predictions').expect(200);
      return (response.body as { items: DecisionRecord[] }).items;
    };
    const before = await listed();
    expect(before.map(({ clientId }) => clientId)).toEqual([
      'client-0',
      'client-20',
      'client-39',
      'client-40',
    ]);
    const old = before.at(-1);
    await run();
    expect((await listed()).map(({ clientId }) => clientId)).toEqual(['client-0', 'client-20']);
    await service.get(`/predictions/${old?.id ?? ''}`).expect(404);
    await service.post('/predict', service.exampleBody()).expect(200);
    await service.stop();
  });

  it('keeps a segment with a client under legal hold, and says so, until the hold is released', async () => {
    await writeLog(41, 40, 0);
    const holding = { environment: { DATA_DIR: dataFolder } };
    await runInside(erase, ['--hold', 'client-41', '--reason', 'case 12'], holding);
    expect((await run()).output).toBe(
      `production_logs.000000002.${dayBefore(40)}.json removed\n` +
        `production_logs.000000001.${dayBefore(41)}.json stays: a client in it is under legal hold\n`,
    );
    await runInside(erase, ['--release', 'client-41', '--reason', 'case 12 closed'], holding);
    await run();
    expect(await segments()).toEqual(['production_logs.json']);
  });

  it('removes old audit records and old set-aside lines too', async () => {
    let now = NOW - 50 * DAY_MS;
    const beside = new AuditFolder(logFolder, 'never', () => now);
    await beside.append(anAuditRecord());
    now = NOW;
    await beside.append(anAuditRecord());
    await writeLog(0);
    const entry = (days: number): string =>
      JSON.stringify({ setAsideAt: new Date(NOW - days * DAY_MS).toISOString(), base64: 'AAAA' });
    const path = join(logFolder, 'damaged-lines.ndjson');
    await writeFile(path, `${entry(50)}\n${entry(2)}\n`);
    expect((await run()).output).toBe(
      `audit/production_logs.000000001.${dayBefore(50)}.json removed\n` +
        'damaged-lines.ndjson: 1 lines removed\n',
    );
    expect(await readFile(path, 'utf8')).toBe(`${entry(2)}\n`);
    expect((await readTrail()).map(({ at }) => at.slice(0, 10))).not.toContain(dayBefore(50));
  });

  it('leaves a log that starts again, and goes on numbering behind what stayed', async () => {
    await writeLog(40, 20, 0);
    await run();
    const service = await Service.start({ DATA_DIR: dataFolder });
    await service.post('/predict', service.exampleBody()).expect(200);
    await service.remove();
  });

  it('runs daily in the service, which records it in the log itself, and only when something was due', async () => {
    await writeLog(40, 0);
    const { job, log } = await startJob();
    await job.run();
    await job.run();
    expect(await segments()).toEqual(['production_logs.json']);
    const { records } = await log.readAudit({ limit: 10 });
    expect(records.map(({ caller, audit }) => [caller, audit.action, audit.outcome])).toEqual([
      ['service', 'retention', 'begun'],
      ['service', 'retention', 'done'],
    ]);
    await job.onModuleDestroy();
    await log.close();
  });

  it('stops when the service stops, which is no failure', async () => {
    await writeLog(40, 0);
    const { job, log } = await startJob();
    const failed = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    const running = job.run();
    await job.onModuleDestroy();
    await running;
    await log.close();
    expect(failed).not.toHaveBeenCalled();
    failed.mockRestore();
    expect(await segments()).toHaveLength(2);
  });

  it('stops when it is interrupted, and goes on when it is run again', async () => {
    await writeLog(40, 0);
    const environment = { DATA_DIR: dataFolder, RETENTION_DAYS: '30' };
    const { error } = await runInside(retention, [], { environment, signal: AbortSignal.abort() });
    expect(error?.name).toBe('AbortError');
    expect(await segments()).toHaveLength(2);
    await run();
    expect(await segments()).toHaveLength(1);
  });

  it('refuses what it does not know', async () => {
    expect((await run('--force')).error?.message).toBe("Unknown option '--force'. See --help.");
    expect((await run('--help')).output).toContain('npm run retention');
  });
});
