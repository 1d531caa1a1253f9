import { ProblemException } from '../../../common/http/problem';
import { chooseSpan } from './choose-span';

const NOW_MS = Date.UTC(2026, 10, 23, 12, 30, 15);
const iso = ({ fromMs, toMs }: { fromMs: number; toMs: number }): string =>
  `${new Date(fromMs).toISOString()} ${new Date(toMs).toISOString()}`;

describe('chooseSpan', () => {
  it.each([
    // Steps by length as the engine takes them: minutes up to 3 hours, hours up to 8 days, days beyond.
    ['hour', '2026-11-23T11:31:00.000Z 2026-11-23T12:31:00.000Z'],
    ['day', '2026-11-22T13:00:00.000Z 2026-11-23T13:00:00.000Z'],
    ['week', '2026-11-16T13:00:00.000Z 2026-11-23T13:00:00.000Z'],
    ['month', '2026-10-25T00:00:00.000Z 2026-11-24T00:00:00.000Z'],
  ] as const)('ends a %s with the running step', (period, expected) => {
    const chosen = chooseSpan({ period }, NOW_MS);
    expect(iso(chosen.span)).toBe(expected);
    expect(chosen.period).toBe(period);
  });

  it('shows a day unless asked otherwise', () => {
    const { period, span } = chooseSpan({}, NOW_MS);
    expect(period).toBe('day');
    expect(span.toMs - span.fromMs).toBe(86_400_000);
  });

  it.each([
    ['2026-11-01', '2026-11-02', '2026-11-01T00:00:00.000Z 2026-11-02T00:00:00.000Z'],
    ['2026-11-01T08:10', '2026-11-01T09:20', '2026-11-01T08:10:00.000Z 2026-11-01T09:20:00.000Z'],
    ['2026-11-01T08:10+02:00', '2026-11-01T09:20Z', '2026-11-01T06:00:00.000Z 2026-11-01T10:00:00.000Z'],
    ['2026-11-01T08:10', '2026-11-01T08:10', '2026-11-01T08:10:00.000Z 2026-11-01T08:11:00.000Z'],
    // What has not happened yet is left out.
    ['2026-11-23T12:00', '2026-11-23T14:00', '2026-11-23T12:00:00.000Z 2026-11-23T12:31:00.000Z'],
  ])('takes from %s to %s in UTC, on whole steps', (from, to, expected) => {
    expect(iso(chooseSpan({ from, to }, NOW_MS).span)).toBe(expected);
  });

  it('ends now when there is only a begin', () => {
    expect(iso(chooseSpan({ from: '2026-11-23T12:00' }, NOW_MS).span)).toBe(
      '2026-11-23T12:00:00.000Z 2026-11-23T12:31:00.000Z',
    );
  });

  it.each([
    ['period', { period: 'day', from: '2026-11-01' }],
    ['from', { to: '2026-11-01' }],
    ['from', { from: '2026-11-24' }],
    ['to', { from: '2026-11-02', to: '2026-11-01' }],
    ['to', { from: '2025-11-01', to: '2026-11-03' }],
  ] as const)('refuses, naming %s: %j', (field, query) => {
    let refusal: unknown;
    try {
      chooseSpan(query, NOW_MS);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ProblemException);
    expect(refusal).toMatchObject({ document: { status: 400, errors: [{ field }] } });
  });
});
