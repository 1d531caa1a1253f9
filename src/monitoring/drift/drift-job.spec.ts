import { setTimeout as wait } from 'node:timers/promises';
import { someInputDrift, someReport } from '../../../test/factories/drift-report';
import { DriftJobs } from '../../../test/factories/drift-jobs';

const DAY_MS = 24 * 3_600_000;

let jobs: DriftJobs;
beforeEach(async () => {
  jobs = await DriftJobs.make();
});
afterEach(() => jobs.remove());

const runLines = (): readonly string[] =>
  jobs.logged
    .filter(({ line }) => String(line['msg']).startsWith('drift report'))
    .map(({ level, line }) => `${level}: ${String(line['msg'])}`);

describe('the drift job', () => {
  it('reports the window that ends with the whole hour before its moment, after catching up', async () => {
    const { engine, job } = await jobs.start();
    expect(engine.requests).toEqual([
      { span: { fromMs: Date.UTC(2026, 10, 20), toMs: Date.UTC(2026, 10, 21) }, trigger: 'schedule' },
    ]);
    expect(engine.calls.slice(-2)).toEqual(['catchUp', 'reportDrift']);
    expect(await jobs.files()).toEqual(['2026-11-21T00-00-00Z.json']);
    expect(job.status()).toEqual({
      cron: '5 0 * * *',
      windowHours: 24,
      running: false,
      lastWindowEndMs: Date.UTC(2026, 10, 21),
      lastSuccessAtMs: jobs.now,
      nextRunAtMs: Date.UTC(2026, 10, 22, 0, 5),
      overdue: false,
      lastFailure: null,
    });
  });

  it('does nothing before the moment, nor while the log is empty', async () => {
    jobs.now -= 1000;
    const early = await jobs.start();
    expect(early.engine.windows).toEqual([]);
    const engine = jobs.engine();
    engine.firstRecordAtMs = null;
    jobs.now += DAY_MS;
    const { job } = await jobs.start(engine);
    expect(engine.windows).toEqual([]);
    expect(job.status()).toMatchObject({ lastWindowEndMs: null, lastSuccessAtMs: null, overdue: false });
  });

  it('makes up for the windows it missed, oldest first, from the first record on', async () => {
    jobs.now = Date.UTC(2026, 10, 23, 0, 20);
    const { engine } = await jobs.start();
    expect(engine.windows).toEqual([
      '2026-11-21T00:00 catch-up',
      '2026-11-22T00:00 catch-up',
      '2026-11-23T00:00 schedule',
    ]);
  });

  it('goes on behind the newest report after a restart', async () => {
    const first = await jobs.start();
    await first.app.close();
    jobs.now = Date.UTC(2026, 10, 23, 12);
    expect((await jobs.start()).engine.windows).toEqual([
      '2026-11-22T00:00 catch-up',
      '2026-11-23T00:00 catch-up',
    ]);
    expect((await jobs.start()).engine.windows).toEqual([]);
  });

  it('makes at most the 31 newest', async () => {
    const engine = jobs.engine();
    engine.firstRecordAtMs = Date.UTC(2025, 0, 1);
    jobs.now = Date.UTC(2026, 10, 23, 12);
    await jobs.start(engine);
    expect(engine.windows).toHaveLength(31);
    expect([engine.windows[0], engine.windows.at(-1)]).toEqual([
      '2026-10-24T00:00 catch-up',
      '2026-11-23T00:00 catch-up',
    ]);
  });

  it('also reports a window whose moment comes during a run', async () => {
    const engine = jobs.engine();
    engine.work = () => {
      jobs.now = Date.UTC(2026, 10, 22, 0, 5);
      return Promise.resolve();
    };
    await jobs.start(engine);
    expect(engine.windows).toEqual(['2026-11-21T00:00 schedule', '2026-11-22T00:00 schedule']);
  });

  it('obeys DRIFT_CRON and DRIFT_WINDOW_HOURS', async () => {
    jobs.now = Date.UTC(2026, 10, 20, 14, 30);
    const { engine, job } = await jobs.start(jobs.engine(), {
      DRIFT_CRON: '30 */2 * * *',
      DRIFT_WINDOW_HOURS: '6',
    });
    expect(engine.windows).toEqual(['2026-11-20T12:00 catch-up', '2026-11-20T14:00 schedule']);
    expect(engine.requests[1]?.span.fromMs).toBe(Date.UTC(2026, 10, 20, 8));
    expect(job.status().nextRunAtMs).toBe(Date.UTC(2026, 10, 20, 16, 30));
  });

  it('makes one report a window however often it is asked at once', async () => {
    const instance = await jobs.begin(jobs.engine());
    await Promise.all(Array.from({ length: 5 }, () => instance.job.runDue()));
    expect(instance.engine.windows).toEqual(['2026-11-21T00:00 schedule']);
  });

  it('makes one report a window with two instances on one folder, and tells it once', async () => {
    const [left, right] = [jobs.engine(), jobs.engine()];
    let arrived = 0;
    for (const engine of [left, right]) {
      engine.work = async () => {
        arrived += 1;
        while (arrived < 2) await wait(1);
      };
    }
    const both = await Promise.all([jobs.start(left), jobs.start(right)]);
    expect(arrived).toBe(2);
    expect(await jobs.files()).toEqual(['2026-11-21T00-00-00Z.json']);
    expect(runLines()).toEqual(['log: drift report: stable']);
    for (const { job } of both) {
      expect(job.status()).toMatchObject({ lastWindowEndMs: Date.UTC(2026, 10, 21), lastFailure: null });
    }
  });

  it('removes what is older than RETENTION_DAYS after each report', async () => {
    const { job } = await jobs.start(jobs.engine(), { RETENTION_DAYS: '2' });
    jobs.now += 2 * DAY_MS;
    await job.runDue();
    expect(await jobs.files()).toEqual(['2026-11-22T00-00-00Z.json', '2026-11-23T00-00-00Z.json']);
  });
});

describe('what the drift job tells', () => {
  it.each([
    { verdict: 'stable', level: 'log' },
    { verdict: 'drifted', level: 'warn' },
    { verdict: 'insufficient_data', level: 'warn' },
  ] as const)('is one $level line when $verdict, with every input', async ({ verdict, level }) => {
    const engine = jobs.engine();
    engine.verdict = verdict;
    await jobs.start(engine);
    const lines = jobs.logged.filter(({ line }) => 'verdict' in line);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level,
      line: {
        msg: `drift report: ${verdict}`,
        verdict,
        report: '2026-11-21T00-00-00Z',
        window: { from: '2026-11-20T00:00:00.000Z', to: '2026-11-21T00:00:00.000Z', hours: 24 },
        rows: 9870,
        referenceRows: 6000,
        model: { name: 'credit-default', version: '1.0.0' },
      },
    });
    const { inputs } = someReport();
    expect(lines[0]?.line['inputs']).toHaveLength(inputs.length);
    const input = someInputDrift('creditLimit', 0.31);
    expect((lines[0]?.line['inputs'] as unknown[])[0]).toEqual({
      name: 'creditLimit',
      verdict: 'drifted',
      psi: 0.31,
      psiThreshold: 0.1,
      psiCritical: 0.0045,
      ks: input.kolmogorovSmirnov?.statistic,
      ksP: 1.2e-14,
      chiSquareP: 3e-12,
      adjustedP: 4.8e-13,
      significance: 0.05,
      n: 9870,
      m: 6000,
    });
  });

  it('stands in the metrics, also after a restart without a run', async () => {
    const first = await jobs.start();
    await first.app.close();
    const { metrics, engine } = await jobs.start();
    expect(engine.windows).toEqual([]);
    const text = await metrics.format();
    expect(text).toContain('credit_scoring_drift_psi{input="creditLimit"} 0.31\n');
    expect(text).toContain('credit_scoring_drift_verdict{input="age"} -1\n');
    expect(text).not.toContain('credit_scoring_drift_adjusted_p_value{input="age"}');
    expect(text).toContain('credit_scoring_drift_rows 9870\n');
    expect(text).toContain(
      `credit_scoring_drift_job_window_end_timestamp_seconds ${Date.UTC(2026, 10, 21) / 1000}\n`,
    );
    expect(text).toContain(`credit_scoring_drift_job_last_success_timestamp_seconds ${jobs.now / 1000}\n`);
  });
});
