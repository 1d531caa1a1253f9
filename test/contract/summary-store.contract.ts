import {
  type StoredDay,
  type StoredHour,
  type StoredMinutes,
} from '../../src/monitoring/summary/stored-history';
import { Summary } from '../../src/monitoring/summary/summary';
import { SummaryRetention } from '../../src/monitoring/summary/summary-retention';
import {
  ERASED_SAMPLE,
  type FinishedHour,
  type SummaryStore,
} from '../../src/monitoring/summary/summary-store';
import { DAY_MS, HOUR_MS, MINUTE_MS, startOfStep } from '../../src/monitoring/summary/time-steps';
import { aRefusal } from '../factories/prediction-record';

/** An empty place, in which stores are opened as often as a test wants. */
export interface SummaryPlace {
  readonly open: (retention: SummaryRetention) => SummaryStore | Promise<SummaryStore>;
  /** Makes what was kept of an hour something that cannot be understood. */
  readonly damageHour: (startMs: number) => Promise<void>;
  readonly remove: () => Promise<void>;
}

const NOW_MS = Date.UTC(2026, 10, 23, 12, 30);
const HOUR = startOfStep(NOW_MS, HOUR_MS) - 5 * HOUR_MS;
const RETENTION_DAYS = 100;
const WINDOW_HOURS = 24;

const model = { sha256: 'a'.repeat(64), layout: { subjects: [], histogramOffset: 0, length: 20 } };

/** Of as many refused requests. */
function summaryOf(requests: number): StoredHour['summary'] {
  const summary = new Summary(model);
  for (let index = 0; index < requests; index += 1) summary.add({ id: '', at: '', ...aRefusal() });
  // As it is read back: without anything that JSON does not hold.
  return JSON.parse(JSON.stringify(summary.store())) as StoredHour['summary'];
}

/** An id of so many minutes after the start of an hour. */
function idOf(startMs: number, minutes: number): string {
  const time = (startMs + minutes * MINUTE_MS).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/** An hour of so many requests, all in its first minute, of a day that had as many more before. */
function anHour(startMs: number, requests: number, differences: Partial<FinishedHour> = {}): FinishedHour {
  const hour: StoredHour = {
    format: 'log-summary/1',
    lastId: idOf(startMs, 1),
    firstRecordAtMs: HOUR,
    damagedLines: 1,
    summary: summaryOf(requests),
  };
  const minutes: StoredMinutes = { format: 'log-summary/1', minutes: [[startMs, summaryOf(requests)]] };
  const day: StoredDay = { format: 'log-summary/1', summary: summaryOf(2 * requests) };
  const dayMs = startOfStep(startMs, DAY_MS);
  return { startMs, hour, minutes, dayMs, day, sample: undefined, ...differences };
}

/** What every store of summaries promises, whatever it is kept in. @param make an empty place */
export function describeSummaryStore(name: string, make: () => Promise<SummaryPlace>): void {
  describe(`${name}, as a store of summaries`, () => {
    let place: SummaryPlace;
    let store: SummaryStore;
    const opened: SummaryStore[] = [];
    beforeEach(async () => {
      place = await make();
      store = await open();
    });
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close();
      await place.remove();
    });

    async function open(): Promise<SummaryStore> {
      const another = await place.open(new SummaryRetention(WINDOW_HOURS, RETENTION_DAYS));
      opened.push(another);
      await another.load(NOW_MS);
      return another;
    }

    it('is empty before the first hour', async () => {
      expect(await store.load(NOW_MS)).toEqual({ minutes: new Map(), hours: new Map(), days: new Map() });
      expect(await store.readSample(HOUR)).toBeUndefined();
      await store.removeOld(HOUR, NOW_MS);
    });

    it('gives back what was kept as it was, to another one, too', async () => {
      const [first, second] = [anHour(HOUR, 3), anHour(HOUR + HOUR_MS, 1)];
      await store.keep(first);
      await store.keep(second);
      for (const reader of [store, await open()]) {
        expect(await reader.load(NOW_MS)).toEqual({
          hours: new Map([first, second].map(({ startMs, hour }) => [startMs, hour])),
          minutes: new Map([...first.minutes.minutes, ...second.minutes.minutes]),
          days: new Map([[second.dayMs, second.day.summary]]),
        });
      }
    });

    it('gives more hours than are read at a time, oldest first', async () => {
      const starts = Array.from({ length: 250 }, (_, index) => HOUR - (250 - index) * HOUR_MS);
      for (const startMs of starts) await store.keep(anHour(startMs, 1));
      const { hours, days, minutes } = await store.load(NOW_MS);
      expect([...hours.keys()]).toEqual(starts);
      expect([...days.keys()]).toEqual([...new Set(starts.map((start) => startOfStep(start, DAY_MS)))]);
      // Of two days.
      expect(minutes.size).toBeLessThan(50);
    });

    it('leaves out a damaged hour and all behind it, which are then kept again', async () => {
      const hours = [0, 1, 2].map((index) => anHour(HOUR + index * HOUR_MS, index + 1));
      for (const hour of hours) await store.keep(hour);
      await place.damageHour(HOUR + HOUR_MS);
      const before = await (await open()).load(NOW_MS);
      expect([...before.hours.keys()]).toEqual([HOUR]);
      expect([...before.minutes.keys()]).toEqual([HOUR]);
      for (const hour of hours.slice(1)) await store.keep(hour);
      expect([...(await store.load(NOW_MS)).hours.values()]).toEqual(hours.map(({ hour }) => hour));
    });

    it('keeps raw values byte for byte, and says which are still of use', async () => {
      const sample = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
      await store.keep(anHour(HOUR, 1, { sample }));
      expect((await (await open()).readSample(HOUR))?.equals(sample)).toBe(true);
      expect(await store.readSample(HOUR + HOUR_MS)).toBeUndefined();
      const oldest = NOW_MS - WINDOW_HOURS * HOUR_MS - 7 * DAY_MS;
      expect(store.retention.keepsSampleOf(oldest, NOW_MS)).toBe(true);
      expect(store.retention.keepsSampleOf(oldest - 1, NOW_MS)).toBe(false);
    });

    it('has no raw values of an hour once somebody of it was erased, nor takes them later', async () => {
      const sample = Buffer.from('values');
      await store.keep(anHour(HOUR, 1, { sample }));
      await (await open()).eraseSamples([HOUR + 5 * MINUTE_MS, HOUR + 6 * MINUTE_MS, HOUR + HOUR_MS]);
      await store.keep(anHour(HOUR + HOUR_MS, 1, { sample }));
      await store.keep(anHour(HOUR + 2 * HOUR_MS, 1, { sample }));
      await store.keep(anHour(HOUR, 2, { sample }));
      expect(await store.readSample(HOUR)).toEqual(ERASED_SAMPLE);
      expect(await store.readSample(HOUR + HOUR_MS)).toEqual(ERASED_SAMPLE);
      expect(await store.readSample(HOUR + 2 * HOUR_MS)).toEqual(sample);
      expect((await store.load(NOW_MS)).hours.size).toBe(3);
      await store.eraseSamples([]);
    });

    it('removes what is older than it is kept, but never the newest hour', async () => {
      const sample = Buffer.from('values');
      const ages = [110 * DAY_MS, 70 * DAY_MS, 20 * DAY_MS, 3 * DAY_MS, HOUR_MS];
      const starts = ages.map((age) => HOUR - age);
      for (const startMs of starts) await store.keep(anHour(startMs, 1, { sample }));
      await store.removeOld(HOUR - HOUR_MS, NOW_MS);
      const { hours, days, minutes } = await store.load(NOW_MS);
      expect([...hours.keys()]).toEqual(starts.slice(2));
      expect([...days.keys()]).toEqual(starts.slice(1).map((start) => startOfStep(start, DAY_MS)));
      expect([...minutes.keys()]).toEqual(starts.slice(4));
      const samples = await Promise.all(starts.map((start) => store.readSample(start)));
      expect(samples.map((each) => each !== undefined)).toEqual([false, false, false, true, true]);

      const years = 3 * 365 * DAY_MS;
      await store.removeOld(HOUR - HOUR_MS, NOW_MS + years);
      expect((await store.load(NOW_MS + years)).hours.has(HOUR - HOUR_MS)).toBe(true);
      expect(await store.readSample(HOUR - HOUR_MS)).toBeUndefined();
    });
  });
}

/** What a store promises that several processes share, each of which folds the log at its own pace. */
export function describeSharedSummaryStore(name: string, make: () => Promise<SummaryPlace>): void {
  describe(`${name}, as a store of summaries that processes share`, () => {
    let place: SummaryPlace;
    let store: SummaryStore;
    beforeEach(async () => {
      place = await make();
      store = await place.open(new SummaryRetention(WINDOW_HOURS, RETENTION_DAYS));
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    it('does not replace a day by one that reaches less far', async () => {
      const [first, second] = [anHour(HOUR, 3), anHour(HOUR + HOUR_MS, 5)];
      await store.keep(first);
      await store.keep(second);
      // An instance that lags keeps the first hour, and the day up to it, once more.
      await store.keep(anHour(HOUR, 3, { hour: { ...first.hour, damagedLines: 7 } }));
      const { hours, days } = await store.load(NOW_MS);
      expect(days).toEqual(new Map([[second.dayMs, second.day.summary]]));
      expect(hours.get(HOUR + HOUR_MS)).toEqual(second.hour);
    });

    it('keeps the first raw values of an hour', async () => {
      await store.keep(anHour(HOUR, 3, { sample: Buffer.from('first') }));
      await store.keep(anHour(HOUR, 4, { sample: Buffer.from('second') }));
      expect(await store.readSample(HOUR)).toEqual(Buffer.from('first'));
    });

    it('takes the same hour from many at once', async () => {
      const hours = [0, 1, 2].map((index) =>
        anHour(HOUR + index * HOUR_MS, index + 1, { sample: Buffer.from('values') }),
      );
      const stores: SummaryStore[] = [];
      for (let count = 0; count < 5; count += 1) {
        stores.push(await place.open(new SummaryRetention(WINDOW_HOURS, RETENTION_DAYS)));
      }
      await Promise.all(
        stores.map(async (each) => {
          for (const hour of hours) await each.keep(hour);
          await each.close();
        }),
      );
      const loaded = await store.load(NOW_MS);
      expect([...loaded.hours.values()]).toEqual(hours.map(({ hour }) => hour));
      expect(loaded.days).toEqual(new Map([[hours[2]?.dayMs, hours[2]?.day.summary]]));
    });
  });
}
