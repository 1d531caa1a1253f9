import { CronTime } from 'cron';
import { listDueWindows } from './list-due-windows';

const at = (time: string): number => Date.parse(`${time}:00Z`);
const MOST = 31;

/** Ends of the windows and their moments, as they stand on a UTC clock. */
function list(cron: string, sinceMs: number, nowMs: number, most = MOST): readonly string[] {
  return listDueWindows({ cron: new CronTime(cron, 'UTC'), windowHours: 24, sinceMs, nowMs, most }).map(
    ({ span, momentMs }) => {
      expect(span.toMs - span.fromMs).toBe(24 * 3_600_000);
      const [end, moment] = [span.toMs, momentMs].map((time) => new Date(time).toISOString().slice(0, 16));
      return `${end ?? ''} at ${moment ?? ''}`;
    },
  );
}

describe('listDueWindows', () => {
  const since = at('2026-11-20T00:00');

  it.each([
    { when: 'nothing is due yet', now: '2026-11-21T00:04', due: [] },
    { when: 'its moment has come', now: '2026-11-21T00:05', due: ['2026-11-21T00:00 at 2026-11-21T00:05'] },
    {
      when: 'some were missed',
      now: '2026-11-23T12:00',
      due: [
        '2026-11-21T00:00 at 2026-11-21T00:05',
        '2026-11-22T00:00 at 2026-11-22T00:05',
        '2026-11-23T00:00 at 2026-11-23T00:05',
      ],
    },
  ])('ends windows with the last whole hour before each moment: $when', ({ now, due }) => {
    expect(list('5 0 * * *', since, at(now))).toEqual(due);
  });

  it('begins with the first window that ends after the first record', () => {
    expect(list('5 0 * * *', at('2026-11-20T00:03'), at('2026-11-21T06:00'))).toEqual([
      '2026-11-21T00:00 at 2026-11-21T00:05',
    ]);
    expect(list('5 * * * *', at('2026-11-20T07:59'), at('2026-11-20T08:30'))).toEqual([
      '2026-11-20T08:00 at 2026-11-20T08:05',
    ]);
  });

  it('makes one window of several moments in an hour', () => {
    expect(list('*/20 * * * *', since, at('2026-11-20T02:59'))).toEqual([
      '2026-11-20T01:00 at 2026-11-20T01:00',
      '2026-11-20T02:00 at 2026-11-20T02:00',
    ]);
  });

  it.each([
    { cron: '0 * * * *', first: '2026-11-21T18:00', last: '2026-11-23T00:00' },
    { cron: '0 0 * * *', first: '2026-10-24T00:00', last: '2026-11-23T00:00' },
    { cron: '0 0 * * 1', first: '2026-04-27T00:00', last: '2026-11-23T00:00' },
    { cron: '0 0 1 * *', first: '2024-05-01T00:00', last: '2026-11-01T00:00' },
  ])('lists the newest 31 after years of standstill: $cron', ({ cron, first, last }) => {
    const due = list(cron, at('2020-01-01T00:00'), at('2026-11-23T00:30'));
    expect(due).toHaveLength(31);
    expect([due[0]?.slice(0, 16), due.at(-1)?.slice(0, 16)]).toEqual([first, last]);
  });

  it('has nothing due when the clock was set back', () => {
    expect(list('5 0 * * *', since, at('2026-11-18T00:00'))).toEqual([]);
  });
});
