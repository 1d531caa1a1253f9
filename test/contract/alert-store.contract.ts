import { Logger } from '@nestjs/common';
import { type AlertState, NO_ALERTS } from '../../src/monitoring/alerts/alert-state';
import { type AlertStore } from '../../src/monitoring/alerts/alert-store';
import { someAlert } from '../factories/monitoring';

/** An empty place, in which stores are opened as often as a test wants. */
export interface AlertPlace {
  readonly open: () => AlertStore;
  /** Makes what was kept something that cannot be understood. */
  readonly damage: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

const STATE: AlertState = {
  alerts: [{ alert: someAlert(), looksWithoutCause: 1, toldClosedAt: null }],
  notices: [
    {
      id: 'notice',
      event: 'opened',
      at: '2026-11-23T12:00:00.000Z',
      alert: someAlert(),
      waitingFor: ['webhook'],
    },
  ],
  damagedLines: { met: 2, unacknowledged: 1 },
};

const addDamagedLine = (state: AlertState): AlertState => ({
  ...state,
  damagedLines: { met: state.damagedLines.met + 1, unacknowledged: 0 },
});

/** What every store of alerts promises, whatever it is kept in. @param make an empty place */
export function describeAlertStore(name: string, make: () => Promise<AlertPlace>): void {
  describe(`${name}, as a store of alerts`, () => {
    let place: AlertPlace;
    let store: AlertStore;
    let warn: jest.SpyInstance;
    beforeEach(async () => {
      warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
      place = await make();
      store = place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
      warn.mockRestore();
    });

    it('holds nothing before the first change', async () => {
      expect(await store.read()).toEqual(NO_ALERTS);
    });

    it('gives a change back as it was, also to the next start', async () => {
      expect(await store.change(() => STATE)).toEqual(STATE);
      expect(await store.read()).toEqual(STATE);
      await store.close();
      store = place.open();
      expect(await store.read()).toEqual(STATE);
      expect(await store.change(addDamagedLine)).toEqual(addDamagedLine(STATE));
    });

    it('makes each of many changes at once of the one before', async () => {
      await Promise.all(Array.from({ length: 20 }, () => store.change(addDamagedLine)));
      expect((await store.read()).damagedLines.met).toBe(20);
    });

    it('passes on why a change cannot be made, keeps nothing of it, and goes on', async () => {
      await store.change(() => STATE);
      const refused = store.change(() => {
        throw new RangeError('there is no such alert');
      });
      await expect(refused).rejects.toThrow(RangeError);
      expect(await store.read()).toEqual(STATE);
      expect(await store.change(addDamagedLine)).toEqual(addDamagedLine(STATE));
    });

    it('starts empty when what was kept is damaged, and says once that it was set aside', async () => {
      await store.change(() => STATE);
      await store.close();
      await place.damage();
      store = place.open();
      expect(await store.read()).toEqual(NO_ALERTS);
      expect(await store.read()).toEqual(NO_ALERTS);
      expect(warn.mock.calls).toEqual([
        [expect.objectContaining({ msg: expect.stringContaining('set aside') as string })],
      ]);
      expect((await store.change(addDamagedLine)).damagedLines.met).toBe(1);
      await store.close();
      store = place.open();
      expect((await store.read()).damagedLines.met).toBe(1);
    });
  });
}

/** What a store promises that several processes share. @param make an empty place */
export function describeSharedAlertStore(name: string, make: () => Promise<AlertPlace>): void {
  describe(`${name}, as a store of alerts that processes share`, () => {
    let place: AlertPlace;
    beforeEach(async () => {
      place = await make();
    });
    afterEach(() => place.remove());

    it('shows each process what the others changed', async () => {
      const [one, other] = [place.open(), place.open()];
      await one.read();
      await other.change(() => STATE);
      expect(await one.read()).toEqual(STATE);
      await one.change(addDamagedLine);
      expect(await other.change(addDamagedLine)).toEqual(addDamagedLine(addDamagedLine(STATE)));
    });

    it('loses no change, however many processes change it at once', async () => {
      const stores = Array.from({ length: 5 }, () => place.open());
      await Promise.all(
        stores.flatMap((store) => Array.from({ length: 10 }, () => store.change(addDamagedLine))),
      );
      expect((await place.open().read()).damagedLines.met).toBe(50);
    });
  });
}
