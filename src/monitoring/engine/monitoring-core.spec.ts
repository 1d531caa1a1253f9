import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecidedLog, loadModel } from '../../../test/factories/decided-log';
import { type LoadedModel } from '../../model/active-models';
import { type InputValues } from '../../scoring/application/application';
import { buildDriftReport } from '../drift/build-drift-report';
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfStep } from '../summary/time-steps';
import { type Traffic } from '../traffic';
import { MonitoringCore } from './monitoring-core';

let model: LoadedModel;
let dataFolder: string;
const problems: (string | undefined)[] = [];
beforeAll(async () => {
  model = await loadModel();
});
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'monitoring-'));
  problems.length = 0;
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

function openCore(windowHours = 24): Promise<MonitoringCore> {
  return MonitoringCore.open(
    {
      model,
      storage: { kind: 'file' },
      log: { folder: join(dataFolder, 'logs') },
      monitoring: {
        folder: join(dataFolder, 'logs', 'monitoring'),
        drift: {
          cron: '5 0 * * *',
          windowHours,
          minimumRows: 200,
          psi: { moderate: 0.1, major: 0.25 },
          falseDiscoveryRate: 0.05,
        },
        retentionDays: 760,
      },
    },
    (parts) => Promise.resolve(buildDriftReport(parts)),
    (problem) => problems.push(problem?.message),
  );
}

function exampleInputs(creditLimit = 50_000): InputValues {
  const values = Object.fromEntries(model.bundle.inputs.map(({ name, example }) => [name, example]));
  return { ...values, creditLimit };
}

/** What the records of a span add up to, in the engine's answer. */
async function totals(core: MonitoringCore, fromMs: number, toMs: number): Promise<Traffic['totals']> {
  await core.catchUp();
  return (await core.traffic({ fromMs, toMs })).totals;
}

/** Some hours before now, so that minutes are kept; the log's clock is set by each record. */
const start = startOfStep(Date.now(), HOUR_MS) - 5 * HOUR_MS;

describe('MonitoringCore', () => {
  it('adds up decisions and refusals by minute, by hour and by day', async () => {
    const log = await DecidedLog.open(dataFolder, model);
    for (let minute = 0; minute < 130; minute += 10)
      await log.decide(start + minute * MINUTE_MS, exampleInputs());
    await log.refuse(start + 131 * MINUTE_MS);
    await log.refuse(start + 132 * MINUTE_MS, 503);
    const core = await openCore();
    await core.catchUp();
    const byMinute = await core.traffic({ fromMs: start, toMs: start + 3 * HOUR_MS });
    expect(byMinute.stepMs).toBe(5 * MINUTE_MS);
    expect(byMinute.points).toHaveLength(36);
    const anHour = await core.traffic({ fromMs: start, toMs: start + HOUR_MS });
    expect(anHour.stepMs).toBe(MINUTE_MS);
    expect(anHour.points.filter(({ requests }) => requests === 1)).toHaveLength(6);
    const aYear = await core.traffic({ fromMs: start - 366 * DAY_MS, toMs: start + DAY_MS });
    expect(new Date(aYear.points[0]?.fromMs ?? 0).getUTCDay()).toBe(1);
    expect(aYear.totals.requests).toBe(15);
    expect(byMinute.totals).toMatchObject({
      requests: 15,
      refused: 1,
      failed: 1,
      statuses: { '200': 13, '400': 1, '503': 1 },
    });
    const byHour = await core.traffic({ fromMs: start, toMs: start + 4 * HOUR_MS });
    expect(byHour.points.map(({ requests }) => requests)).toEqual([6, 6, 3, 0]);
    const byDay = await core.traffic({ fromMs: start - 20 * DAY_MS, toMs: start + DAY_MS });
    expect(byDay.totals.requests).toBe(15);
    expect(byDay.totals.models).toMatchObject([{ name: model.identity.name, decisions: 13 }]);
    expect(byHour.totals.latencyMs?.p50).toBeGreaterThan(0);
    await core.close();
    await log.close();
  });

  it('follows a log that is being written, through new segments', async () => {
    const core = await openCore();
    const log = await DecidedLog.open(dataFolder, model, 5000);
    for (let index = 1; index <= 40; index++) {
      await log.decide(start + index * MINUTE_MS, exampleInputs());
      if (index % 20 === 0) expect((await totals(core, start, start + HOUR_MS)).requests).toBe(index);
    }
    expect(await readdir(join(dataFolder, 'logs'))).toContain(
      `production_logs.000000002.${new Date(start).toISOString().slice(0, 10)}.json`,
    );
    await core.close();
    await log.close();
  });

  it('counts each record once across restarts, whether or not its hour was kept', async () => {
    const log = await DecidedLog.open(dataFolder, model);
    let written = 0;
    for (const hour of [0, 1, 1, 3]) {
      const core = await openCore();
      for (let index = 0; index < 3; index++) {
        written += 1;
        await log.decide(start + hour * HOUR_MS + written * 1000, exampleInputs());
      }
      const day = startOfStep(start, DAY_MS);
      expect((await totals(core, start, start + 4 * HOUR_MS)).requests).toBe(written);
      expect((await totals(core, day - 20 * DAY_MS, day + 2 * DAY_MS)).requests).toBe(written);
      await core.close();
    }
    await log.close();
  });

  it('reads only behind what was kept after a restart', async () => {
    const log = await DecidedLog.open(dataFolder, model);
    for (let index = 0; index < 30; index++)
      await log.decide(start + index * 10 * MINUTE_MS, exampleInputs());
    const first = await openCore();
    await first.catchUp();
    expect((await first.state()).records).toBe(30);
    await first.close();
    const second = await openCore();
    await second.catchUp();
    // Five hours of six records: the last one is not known to be over.
    expect((await second.state()).records).toBe(6);
    expect((await second.state()).firstRecordAtMs).toBe(start);
    await second.close();
    await log.close();
  });

  it.each([
    ['is cut off', (file: string) => truncate(file, 40)],
    ['is empty', (file: string) => truncate(file, 0)],
    ['is of another format', (file: string) => writeFile(file, '{"format":"other"}')],
    ['is gone', (file: string) => rm(file)],
  ])('reads the log again from an hour on whose summary %s', async (_how, damage) => {
    const log = await DecidedLog.open(dataFolder, model);
    for (let index = 0; index < 24; index++)
      await log.decide(start + index * 10 * MINUTE_MS, exampleInputs());
    const first = await openCore();
    await first.catchUp();
    await first.close();
    const folder = join(dataFolder, 'logs/monitoring/summaries/hours');
    const names = (await readdir(folder)).sort();
    await damage(join(folder, names[names.length - 1] ?? ''));
    const second = await openCore();
    expect((await totals(second, start, start + 5 * HOUR_MS)).requests).toBe(24);
    expect((await totals(second, start - 20 * DAY_MS, start + DAY_MS)).requests).toBe(24);
    await second.close();
    await log.close();
  });

  it('reports drift of whole hours from what it keeps, equal to a report from the log itself', async () => {
    const log = await DecidedLog.open(dataFolder, model);
    const limits = [10_000, 50_000, 120_000, 200_000, 500_000];
    for (let index = 0; index < 400; index++) {
      const age = index % 3 === 0 ? {} : { protected: { age: 20 + (index % 50) } };
      const inputs = exampleInputs(limits[index % limits.length]);
      await log.decide(start + index * 0.6 * MINUTE_MS, inputs, age.protected);
    }
    const span = { fromMs: start, toMs: start + 4 * HOUR_MS };
    const first = await openCore();
    await first.catchUp();
    const kept = await first.reportDrift({ span, trigger: 'manual' });
    await first.close();
    // Raw values come from files now.
    const second = await openCore();
    await second.catchUp();
    const restarted = await second.reportDrift({ span, trigger: 'manual' });
    await second.close();
    await rm(join(dataFolder, 'logs/monitoring/summaries/samples'), { recursive: true });
    const third = await openCore();
    const fromLog = await third.reportDrift({ span, trigger: 'manual' });
    await third.close();
    await log.close();
    expect(kept.rows).toBe(400);
    expect(kept.inputs.find(({ name }) => name === 'age')?.productionRows).toBe(266);
    for (const other of [restarted, fromLog]) {
      expect({ ...other, id: '', createdAt: '', durationMs: 0 }).toEqual({
        ...kept,
        id: '',
        createdAt: '',
        durationMs: 0,
      });
    }
  });

  it('goes on reading while it cannot keep summaries, says so, and keeps them later, each record counted once', async () => {
    const log = await DecidedLog.open(dataFolder, model);
    await log.decide(start, exampleInputs());
    const core = await openCore();
    await core.catchUp();
    const hours = join(dataFolder, 'logs/monitoring/summaries/hours');
    await rm(hours, { recursive: true });
    for (let index = 1; index < 20; index++)
      await log.decide(start + index * 10 * MINUTE_MS, exampleInputs());
    await core.catchUp();
    expect((await totals(core, start, start + 4 * HOUR_MS)).requests).toBe(20);
    expect((await core.state()).problem).toContain('ENOENT');
    await mkdir(hours);
    while ((await readdir(hours)).length < 3) await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await totals(core, start, start + 4 * HOUR_MS)).requests).toBe(20);
    expect((await core.state()).problem).toBeNull();
    expect(problems).toEqual([expect.stringContaining('ENOENT'), undefined]);
    await core.close();
    const second = await openCore();
    expect((await totals(second, start - 20 * DAY_MS, start + DAY_MS)).requests).toBe(20);
    await second.close();
    await log.close();
  });

  it('waits for a log that does not exist yet', async () => {
    const core = await openCore();
    await core.catchUp();
    expect(await core.state()).toMatchObject({
      records: 0,
      lastRecordAtMs: null,
      caughtUp: true,
      problem: null,
    });
    await core.close();
    expect(problems).toEqual([]);
  });
});
