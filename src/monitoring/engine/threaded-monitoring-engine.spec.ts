import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecidedLog, loadModel } from '../../../test/factories/decided-log';
import { type LoadedModel } from '../../model/active-models';
import { withoutTrees } from '../monitored-model';
import { HOUR_MS, startOfStep } from '../summary/time-steps';
import { ThreadedMonitoringEngine } from './threaded-monitoring-engine';

let model: LoadedModel;
let dataFolder: string;
let problems: (string | null)[];
beforeAll(async () => {
  model = await loadModel();
});
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'monitoring-'));
  problems = [];
});
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

function startEngine(folder = model.folder): ThreadedMonitoringEngine {
  return new ThreadedMonitoringEngine(
    {
      model: { identity: model.identity, folder, bundle: withoutTrees(model.bundle) },
      storage: { kind: 'file' },
      log: { folder: join(dataFolder, 'logs') },
      monitoring: {
        folder: join(dataFolder, 'logs', 'monitoring'),
        drift: {
          cron: '5 0 * * *',
          windowHours: 24,
          minimumRows: 20,
          psi: { moderate: 0.1, major: 0.25 },
          falseDiscoveryRate: 0.05,
        },
        retentionDays: 760,
      },
    },
    (problem) => problems.push(problem),
  );
}

describe('ThreadedMonitoringEngine', () => {
  it('answers from its thread, and makes a drift report in another one', async () => {
    const hour = startOfStep(Date.now(), HOUR_MS) - HOUR_MS;
    const log = await DecidedLog.open(dataFolder, model);
    const inputs = Object.fromEntries(model.bundle.inputs.map(({ name, example }) => [name, example]));
    for (let index = 0; index < 30; index++) await log.decide(hour + index * 1000, inputs);
    await log.close();
    const engine = startEngine();
    await engine.catchUp();
    const span = { fromMs: hour, toMs: hour + HOUR_MS };
    expect(await engine.state()).toMatchObject({ records: 30, caughtUp: true });
    expect((await engine.traffic(span)).totals.requests).toBe(30);
    const report = await engine.reportDrift({ span, trigger: 'manual' });
    // Thirty times the same application is nothing like the reference.
    expect(report).toMatchObject({ verdict: 'drifted', rows: 30 });
    await engine.close();
    expect(problems).toEqual([]);
  });

  it('says why it does not work when the reference sample is missing', async () => {
    const engine = startEngine(dataFolder);
    await expect(engine.state()).rejects.toThrow(/reference\.csv: expected a file that can be read/);
    expect(problems).toEqual([expect.stringContaining('reference.csv')]);
    await engine.close();
  });

  it('starts its thread again when it ended, and tells those who waited', async () => {
    const engine = startEngine();
    const waiting = engine.catchUp();
    await engine['thread'].terminate();
    await expect(waiting).rejects.toThrow('Monitoring was interrupted: ask again later');
    await expect(engine.state()).rejects.toThrow('Monitoring is being started again: ask again later');
    await new Promise((resolve) => setTimeout(resolve, 5200));
    await engine.catchUp();
    expect(await engine.state()).toMatchObject({ caughtUp: true });
    await engine.close();
    await expect(engine.state()).rejects.toThrow('Monitoring is stopping: ask again later');
  });
});
