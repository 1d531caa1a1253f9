import { Logger } from '@nestjs/common';
import { LogWatch } from './log-watch';
import { type LogState, LogUnavailableError, type PredictionLogReader } from './prediction-log';

const SOUND: LogState = { available: true, waiting: 0, damagedLines: 0 };
const FULL: LogState = { ...SOUND, available: false, reason: 'The disk is full: make room' };
const AWAY = new LogUnavailableError('The disk is full: make room', 10);

let state: LogState | Error;
let nowMs: number;
let volumeProblem: string | undefined;
const told: { readonly level: string; readonly line: object }[] = [];

function watchOf(kind: 'writer' | 'reader'): LogWatch {
  const reader = {
    probe: () => (state instanceof Error ? Promise.reject(state) : Promise.resolve(state)),
  };
  const log = kind === 'writer' ? { ...reader, append: () => Promise.reject(AWAY) } : reader;
  return new LogWatch(
    log as unknown as PredictionLogReader,
    () => nowMs,
    kind === 'reader' ? () => Promise.resolve(volumeProblem) : undefined,
  );
}

async function look(watch: LogWatch): Promise<void> {
  nowMs += 1000;
  await watch.look();
}

beforeAll(() => {
  const tell =
    (level: string) =>
    (line: object): void => {
      told.push({ level, line });
    };
  Logger.overrideLogger({ log: tell('log'), warn: tell('warn'), error: tell('error') });
});
afterAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(() => {
  state = SOUND;
  nowMs = Date.UTC(2026, 10, 26);
  volumeProblem = undefined;
  told.length = 0;
});

it('tells the beginning of an outage with its reason, and its end with what left no record: one line each', async () => {
  const watch = watchOf('writer');
  await look(watch);
  expect(told).toEqual([]);
  for (let answer = 0; answer < 750; answer += 1) watch.noteUnrecorded(answer < 749 ? 503 : 400, AWAY);
  state = FULL;
  for (let second = 0; second < 10; second += 1) await look(watch);
  state = SOUND;
  await look(watch);
  await look(watch);

  expect(told).toEqual([
    {
      level: 'error',
      line: {
        msg: 'the prediction log cannot be written: no decision is made until it can',
        reason: FULL.reason,
      },
    },
    {
      level: 'warn',
      line: {
        msg: 'the prediction log is written again',
        since: '2026-11-26T00:00:01.000Z',
        seconds: 11,
        answersWithoutRecord: 750,
      },
    },
  ]);
  expect(watch.outagesBetween(0, Infinity)).toEqual([
    {
      sinceMs: Date.UTC(2026, 10, 26, 0, 0, 1),
      untilMs: Date.UTC(2026, 10, 26, 0, 0, 12),
      reason: FULL.reason,
      unrecorded: { answers: 750, failed: 749 },
    },
  ]);
});

it('tells an outage in which nobody asks, as a worker has nobody to answer', async () => {
  const watch = watchOf('writer');
  state = FULL;
  await look(watch);

  expect(told).toHaveLength(1);
  expect(watch.current).toMatchObject({ reason: FULL.reason, unrecorded: { answers: 0, failed: 0 } });
});

it('tells once a minute that an outage lasts', async () => {
  const watch = watchOf('writer');
  state = FULL;
  await look(watch);
  const later = performance.now() + 60_000;
  const time = jest.spyOn(performance, 'now').mockReturnValue(later);
  await look(watch);
  await look(watch);
  time.mockRestore();

  expect(told).toHaveLength(2);
  expect(told[1]).toMatchObject({ level: 'error', line: { seconds: 1, reason: FULL.reason } });
});

it('does not call over what still leaves answers without a record', async () => {
  const watch = watchOf('writer');
  watch.noteUnrecorded(503, AWAY);
  await look(watch);
  watch.noteUnrecorded(503, AWAY);
  await look(watch);
  expect(watch.current).toBeDefined();
  await look(watch);

  expect(watch.current).toBeUndefined();
  expect(told).toHaveLength(2);
});

it('takes a log that fails to answer for one that cannot be used', async () => {
  const watch = watchOf('reader');
  state = new Error('no answer');
  await look(watch);

  expect(told).toEqual([
    {
      level: 'error',
      line: { msg: expect.stringContaining('figures stand still') as unknown, reason: 'no answer' },
    },
  ]);
});

it('sees for a reader that the one who writes cannot, by the volume', async () => {
  const watch = watchOf('reader');
  volumeProblem = 'The volume is full';
  await look(watch);

  expect(watch.current).toMatchObject({ reason: 'The volume is full' });
});

it('finds an outage by any part of it, and one under way up to now', async () => {
  const watch = watchOf('writer');
  state = FULL;
  await look(watch);
  const begin = nowMs;
  expect(watch.outagesBetween(begin + 5000, begin + 6000)).toHaveLength(1);
  state = SOUND;
  await look(watch);

  expect(watch.outagesBetween(begin - 10, begin - 1)).toEqual([]);
  expect(watch.outagesBetween(begin - 10, begin)).toHaveLength(1);
  expect(watch.outagesBetween(begin + 1000, begin + 2000)).toHaveLength(1);
  expect(watch.outagesBetween(begin + 1001, begin + 2000)).toEqual([]);
});

it('is silent once the process stops', async () => {
  const watch = watchOf('writer');
  watch.onModuleInit();
  watch.onModuleDestroy();
  state = FULL;
  await look(watch);
  watch.noteUnrecorded(503, AWAY);

  expect(told).toEqual([]);
});
