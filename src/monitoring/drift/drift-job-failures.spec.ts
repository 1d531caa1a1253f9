import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DriftJobs, type Engine } from '../../../test/factories/drift-jobs';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let jobs: DriftJobs;
beforeEach(async () => {
  jobs = await DriftJobs.make();
});
afterEach(() => jobs.remove());

describe('a drift job that fails', () => {
  function failing(): Engine {
    const engine = jobs.engine();
    engine.work = () => Promise.reject(new Error('the volume is full: make room'));
    return engine;
  }

  it('says so, and goes on where it was once the cause is gone', async () => {
    const engine = failing();
    const { job } = await jobs.start(engine);
    expect(job.status()).toMatchObject({
      running: false,
      lastWindowEndMs: null,
      lastFailure: 'the volume is full: make room',
    });
    expect(jobs.logged.find(({ level }) => level === 'error')?.line).toMatchObject({
      msg: expect.stringContaining('tried again') as string,
      retryInSeconds: 60,
    });
    engine.work = () => Promise.resolve();
    await job.runDue();
    expect(job.status()).toMatchObject({ lastWindowEndMs: Date.UTC(2026, 10, 21), lastFailure: null });
    expect(await jobs.files()).toEqual(['2026-11-21T00-00-00Z.json']);
  });

  it('is overdue when a moment passed more than an hour ago', async () => {
    const { job } = await jobs.start(failing());
    jobs.now += HOUR_MS;
    expect(job.status().overdue).toBe(true);
    jobs.now -= 1;
    expect(job.status().overdue).toBe(false);
  });

  it('is overdue also when no run has begun since', async () => {
    const { job } = await jobs.start();
    jobs.now = Date.UTC(2026, 10, 22, 1, 4);
    expect(job.status()).toMatchObject({ overdue: false, nextRunAtMs: Date.UTC(2026, 10, 23, 0, 5) });
    jobs.now += MINUTE_MS;
    expect(job.status().overdue).toBe(true);
  });

  it('does not take a folder that cannot be written for a success', async () => {
    await writeFile(join(jobs.dataFolder, 'logs'), 'no folder');
    const { job } = await jobs.start();
    expect(job.status().lastFailure).toMatch(/ENOTDIR|EEXIST/);
  });

  it('is tried again by itself, after longer and longer pauses up to a quarter of an hour', async () => {
    const engine = failing();
    const { job } = await jobs.start(engine);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
    try {
      await job.runDue(); // from now on with timers of the test
      const attempts = (): number => engine.requests.length;
      for (const minutes of [2, 4, 8, 15, 15]) {
        const before = attempts();
        await jest.advanceTimersByTimeAsync(minutes * MINUTE_MS - 1);
        expect(attempts()).toBe(before);
        jest.advanceTimersByTime(1);
        await job.runDue();
        expect(attempts()).toBe(before + 1);
      }
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a drift job that is stopped', () => {
  it('ends a run at once and without a complaint, however long the engine takes', async () => {
    const engine = jobs.engine();
    engine.work = () => new Promise(() => undefined);
    const { app, job } = await jobs.begin(engine);
    while (engine.requests.length === 0) await wait(1);
    expect(job.status().running).toBe(true);
    await app.close();
    expect(job.status()).toMatchObject({ running: false, lastFailure: null });
    expect(jobs.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('does not run again, and leaves no timer behind', async () => {
    const engine = jobs.engine();
    engine.work = () => Promise.reject(new Error('no'));
    const { app, job } = await jobs.start(engine);
    await app.close();
    jest.useFakeTimers();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    const asked = engine.requests.length;
    jobs.now += DAY_MS;
    await job.runDue();
    expect(engine.requests).toHaveLength(asked);
  });
});
