import { DriftJobs, reportOf } from '../../../test/factories/drift-jobs';
import { type Leases } from '../../common/leases';
import { type DriftRequest } from '../engine/monitoring-engine';

const HOUR_MS = 3_600_000;

let jobs: DriftJobs;
beforeEach(async () => {
  jobs = await DriftJobs.make();
});
afterEach(() => jobs.remove());

describe('a drift job among several instances', () => {
  /** The lease as another instance, or this one, has it; each request for it is noted. */
  class Lease implements Leases {
    requests = 0;
    isFree = false;
    /** What comes before the answer. */
    work: () => Promise<void> = () => Promise.resolve();

    async hold(): Promise<boolean> {
      this.requests += 1;
      await this.work();
      return this.isFree;
    }

    releaseAll(): Promise<void> {
      return Promise.resolve();
    }
  }

  const window: DriftRequest = {
    span: { fromMs: Date.UTC(2026, 10, 20), toMs: Date.UTC(2026, 10, 21) },
    trigger: 'schedule',
  };

  it('leaves a window to the one that holds the lease, and shows its report', async () => {
    const { engine, job, reports, metrics } = await jobs.begin(jobs.engine(), {}, new Lease());
    await job.runDue();
    expect(engine.windows).toEqual([]);
    expect(job.status()).toMatchObject({ lastWindowEndMs: null, lastFailure: null, overdue: false });
    await reports.keep(reportOf(window, jobs.now));
    await job.runDue();
    expect(engine.windows).toEqual([]);
    expect(job.status()).toMatchObject({ lastWindowEndMs: window.span.toMs, lastSuccessAtMs: jobs.now });
    expect(await metrics.format()).toContain('credit_scoring_drift_psi{input="creditLimit"} 0.31\n');
  });

  it('asks for no lease while nothing is due', async () => {
    jobs.now -= 1000;
    const lease = new Lease();
    const { job } = await jobs.begin(jobs.engine(), {}, lease);
    await job.runDue();
    expect(lease.requests).toBe(0);
  });

  it('takes over within a quarter of a minute when the lease is free', async () => {
    const lease = new Lease();
    const { engine, job } = await jobs.begin(jobs.engine(), {}, lease);
    await job.runDue();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    try {
      await job.runDue(); // from now on with timers of the test
      lease.isFree = true;
      await jest.advanceTimersByTimeAsync(14_999);
      expect(engine.windows).toEqual([]);
      jest.advanceTimersByTime(1);
      await job.runDue();
      expect(engine.windows).toEqual(['2026-11-21T00:00 schedule']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('makes no report that was kept while it waited for the lease', async () => {
    const lease = new Lease();
    lease.isFree = true;
    const { engine, job, reports } = await jobs.begin(jobs.engine(), {}, lease);
    lease.work = async () => {
      await reports.keep(reportOf(window, jobs.now));
    };
    await job.runDue();
    expect(engine.windows).toEqual([]);
    expect(await jobs.files()).toEqual(['2026-11-21T00-00-00Z.json']);
  });

  it('renews the lease as long as it computes', async () => {
    const lease = new Lease();
    lease.isFree = true;
    const engine = jobs.engine();
    let finish = (): void => undefined;
    engine.work = () => new Promise((resolve) => (finish = resolve));
    const { job } = await jobs.begin(engine, { DRIFT_CRON: '5 1 * * *' }, lease);
    await job.runDue();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    try {
      jobs.now += HOUR_MS;
      const run = job.runDue();
      while (engine.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(lease.requests).toBe(1);
      await jest.advanceTimersByTimeAsync(60_000);
      expect(lease.requests).toBe(4);
      finish();
      await run;
      await jest.advanceTimersByTimeAsync(60_000);
      expect(lease.requests).toBe(4);
    } finally {
      jest.useRealTimers();
    }
  });
});
