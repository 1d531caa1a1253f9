import fc from 'fast-check';
import { firstIdAt, isRecordId, RecordIdIssuer, timeOfId } from './issue-record-id';

const NOON = Date.UTC(2026, 2, 14, 12);
const HOUR = 3_600_000;

/** Random bits that are all set: counters start as high as they can. */
const allSet = (buffer: Buffer): unknown => buffer.fill(0xff);

function issue(issuer: RecordIdIssuer, count: number): string[] {
  return Array.from({ length: count }, () => issuer.next().id);
}

function expectToRise(ids: readonly string[]): void {
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? ''))).toBe(true);
}

describe('RecordIdIssuer', () => {
  it('issues UUIDs of version 7 with the time in their first 48 bits', () => {
    const { id, at, milliseconds } = new RecordIdIssuer(() => NOON + 0.9).next();

    expect(isRecordId(id)).toBe(true);
    expect(id.replaceAll('-', '').slice(0, 12)).toBe(NOON.toString(16).padStart(12, '0'));
    expect(at).toBe('2026-03-14T12:00:00.000Z');
    expect(milliseconds).toBe(NOON);
  });

  it('issues ids that rise strictly within a millisecond, past every boundary of the counter', () => {
    expectToRise(issue(new RecordIdIssuer(() => NOON), 200_000));
  });

  it('rises strictly whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -HOUR, max: HOUR }), { maxLength: 200 }), (steps) => {
        let now = NOON;
        const issuer = new RecordIdIssuer(() => now);
        const issued = steps.map((step) => {
          now += step;
          return issuer.next();
        });
        expectToRise(issued.map(({ id }) => id));
        expect(
          issued.every(({ id, at }) => id >= firstIdAt(Date.parse(at)) && id < firstIdAt(Date.parse(at) + 1)),
        ).toBe(true);
      }),
    );
  });

  it('keeps the last millisecond while the clock is behind it, and follows the clock again after', () => {
    let now = NOON;
    const issuer = new RecordIdIssuer(() => now);
    const first = issuer.next();
    now = NOON - HOUR;
    const second = issuer.next();
    now = NOON + 1;
    const third = issuer.next();

    expect(second.milliseconds).toBe(NOON);
    expect(third.milliseconds).toBe(NOON + 1);
    expectToRise([first.id, second.id, third.id]);
  });

  it.each([
    { what: 'an hour behind', now: NOON - HOUR },
    { what: 'at the same millisecond', now: NOON },
    { what: 'an hour ahead', now: NOON + HOUR },
  ])('continues from the last id of a log with the clock $what', ({ now }) => {
    const last = new RecordIdIssuer(() => NOON).next().id;
    const ids = issue(new RecordIdIssuer(() => now, last), 1000);

    expectToRise([last, ...ids]);
  });

  it('steps the millisecond when its counter runs over', () => {
    const last = `${firstIdAt(NOON).slice(0, 14)}7fff-bfff-fffe00000000`;
    const issuer = new RecordIdIssuer(() => NOON - HOUR, last);
    const [lastOfMillisecond, next] = [issuer.next(), issuer.next()];

    expect(lastOfMillisecond.id.slice(14, 28)).toBe('7fff-bfff-ffff');
    expect(next.milliseconds).toBe(NOON + 1);
    expect(next.at).toBe('2026-03-14T12:00:00.001Z');
    expectToRise([last, lastOfMillisecond.id, next.id]);
  });

  it('starts a millisecond in the lower half of the counter, so that 2^41 ids remain', () => {
    expect(new RecordIdIssuer(() => NOON, undefined, allSet).next().id.slice(14, 28)).toBe('77ff-bfff-ffff');
  });

  it('gives two issuers of the same millisecond different ids', () => {
    const ids = Array.from({ length: 100 }, () => new RecordIdIssuer(() => NOON).next().id);

    expect(new Set(ids).size).toBe(100);
  });

  it('draws random bytes from a pool', () => {
    let draws = 0;
    const issuer = new RecordIdIssuer(
      () => NOON,
      undefined,
      (buffer) => {
        draws += 1;
        return buffer.fill(7);
      },
    );
    issue(issuer, 1000);

    expect(draws).toBe(1);
  });

  it('goes on when the clock answers no number', () => {
    const last = new RecordIdIssuer(() => NOON).next().id;

    expectToRise([last, new RecordIdIssuer(() => Number.NaN, last).next().id]);
  });

  it.each(['', 'yesterday', firstIdAt(NOON).toUpperCase(), '0195f0f0-0000-4000-8000-000000000000'])(
    'refuses to continue from %j',
    (last) => {
      expect(() => new RecordIdIssuer(() => NOON, last)).toThrow(RangeError);
    },
  );
});

describe('timeOfId', () => {
  it.each([0, NOON, 2 ** 48 - 1])('is the millisecond in which an id was issued: %d', (time) => {
    expect(timeOfId(firstIdAt(time))).toBe(time);
    expect(timeOfId(new RecordIdIssuer(() => time).next().id)).toBe(time);
  });
});

describe('firstIdAt', () => {
  it('lies below the ids of its millisecond and above those before', () => {
    const before = new RecordIdIssuer(() => NOON - 1, undefined, allSet).next().id;
    const within = new RecordIdIssuer(() => NOON).next().id;

    expectToRise([before, firstIdAt(NOON), within, firstIdAt(NOON + 1)]);
    expect(isRecordId(firstIdAt(NOON))).toBe(true);
  });

  it.each([-1, 0.5, 2 ** 48, Number.NaN])('refuses %d', (time) => {
    expect(() => firstIdAt(time)).toThrow(RangeError);
  });
});
