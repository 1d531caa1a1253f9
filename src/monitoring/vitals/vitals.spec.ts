import { Vitals } from './vitals';

const NOON = Date.UTC(2026, 10, 23, 12);

let vitals: Vitals;
let nowMs: number;

/** Lets intervals of ten seconds pass; what is measured in them is real. */
function pass(intervals: number): void {
  for (let index = 0; index < intervals; index += 1) {
    nowMs += 10_000;
    jest.advanceTimersByTime(10_000);
  }
}

/** Keeps the event loop, and a core, busy. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Lets the histogram's timer, which is not faked, run. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    realSetTimeout(resolve, 100);
  });
}

const realSetTimeout = setTimeout;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['performance', 'hrtime', 'nextTick', 'setImmediate'] });
  nowMs = NOON;
  vitals = new Vitals(() => nowMs);
  vitals.onModuleInit();
});
afterEach(() => {
  vitals.onModuleDestroy();
  jest.useRealTimers();
});

it('measures every ten seconds, oldest first', () => {
  expect(vitals.recent()).toEqual([]);
  pass(2);

  expect(vitals.recent().map(({ atMs }) => atMs)).toEqual([NOON + 10_000, NOON + 20_000]);
});

it('keeps an hour', () => {
  pass(400);

  expect(vitals.recent()).toHaveLength(360);
  expect(vitals.recent()[0]?.atMs).toBe(NOON + 41 * 10_000);
});

it('tells the share of a core that was used', () => {
  const start = performance.now();
  pass(1);
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 100_000);
  pass(1);
  const elapsedMs = performance.now() - start;

  // A tenth of a second of work, in an interval that lies within what was measured here.
  expect(vitals.recent()[1]?.cpuShare).toBeGreaterThan(100 / elapsedMs);
});

it('tells the resident memory in bytes', () => {
  pass(1);

  // Node itself takes tens of mebibytes.
  expect(vitals.recent()[0]?.residentBytes).toBeGreaterThan(20 * 1024 * 1024);
});

it('tells how late the event loop was, beyond the pause of its timer', async () => {
  await breathe();
  block(300);
  await breathe();
  pass(1);

  // Blocked for 300 ms, the timer of 20 ms wakes up at least 280 ms late.
  expect(vitals.recent()[0]?.eventLoopDelayP99Ms).toBeGreaterThan(250);
});

it('ends with its module, and what was measured stays', () => {
  pass(1);
  vitals.onModuleDestroy();
  pass(5);

  expect(vitals.recent()).toHaveLength(1);
});
