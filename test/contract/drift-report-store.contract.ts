import { type DriftReport } from '../../src/monitoring/drift/drift-report';
import { type DriftReportStore } from '../../src/monitoring/drift/drift-report-store';
import { someReport } from '../factories/drift-report';

/** An empty place, in which stores are opened as often as a test wants. */
export interface DriftReportPlace {
  readonly open: () => DriftReportStore;
  readonly remove: () => Promise<void>;
}

const IDS = [
  '2026-11-24T00-00-00Z',
  '2026-11-23T00-00-00Z.manual-2026-11-25T09-00-00.000Z',
  '2026-11-23T00-00-00Z.manual-2026-11-24T09-00-00.000Z',
  '2026-11-23T00-00-00Z',
  '2025-12-31T23-00-00Z',
] as const;

/** What every store of drift reports promises, whatever it is kept in. @param make an empty place */
export function describeDriftReportStore(name: string, make: () => Promise<DriftReportPlace>): void {
  describe(`${name}, as a store of drift reports`, () => {
    let place: DriftReportPlace;
    let store: DriftReportStore;
    beforeEach(async () => {
      place = await make();
      store = place.open();
    });
    afterEach(() => place.remove());

    function reportOf(id: string, differences: Partial<DriftReport> = {}): DriftReport {
      return someReport({ id, ...differences });
    }

    it('is empty before the first', async () => {
      expect(await store.listIds()).toEqual([]);
      expect(await store.read(IDS[0])).toBeUndefined();
      await store.remove([]);
      await store.remove([IDS[0]]);
    });

    it('gives back a report as it was kept, to another one, too', async () => {
      const report = reportOf(IDS[0], {
        inputs: [{ ...someReport().inputs[0], name: 'l’âge "é\\\u2028 😀' } as DriftReport['inputs'][number]],
      });
      expect(await store.keep(report)).toBe(true);
      for (const reader of [store, place.open()]) {
        expect(JSON.parse((await reader.read(IDS[0])) ?? '')).toEqual(report);
        expect(await reader.listIds()).toEqual([IDS[0]]);
      }
    });

    it('lists ids, newest window first, and of one window those made by hand first', async () => {
      for (const id of [IDS[2], IDS[0], IDS[4], IDS[3], IDS[1]]) await store.keep(reportOf(id));
      expect(await store.listIds()).toEqual(IDS);
    });

    it('keeps the first report of an id only', async () => {
      const first = reportOf(IDS[0], { durationMs: 1 });
      expect(await store.keep(first)).toBe(true);
      expect(await place.open().keep(reportOf(IDS[0], { durationMs: 2 }))).toBe(false);
      expect(JSON.parse((await store.read(IDS[0])) ?? '')).toEqual(first);
    });

    it('lets exactly one of many be the first', async () => {
      const kept = await Promise.all(Array.from({ length: 8 }, () => place.open().keep(reportOf(IDS[0]))));
      expect(kept.filter(Boolean)).toHaveLength(1);
    });

    it('removes what it is told to, and nothing else', async () => {
      for (const id of IDS) await store.keep(reportOf(id));
      await store.remove([IDS[0], IDS[3]]);
      expect(await place.open().listIds()).toEqual([IDS[1], IDS[2], IDS[4]]);
      expect(await store.read(IDS[0])).toBeUndefined();
      expect(await store.keep(reportOf(IDS[0]))).toBe(true);
    });

    it('says where a report is', () => {
      expect(store.locate(IDS[0])).toContain(IDS[0]);
    });
  });
}
