import { type OwnedKey } from '../../src/logging/hash-idempotency-key';
import { IdempotencyKeyTakenError, type KeyKeepingLog } from '../../src/logging/prediction-log';
import { type DecisionRecord, type RefusalRecord } from '../../src/logging/prediction-record';
import { aDecision, aRefusal } from '../factories/prediction-record';

/** One store that several processes open. */
export interface KeyKeepingStore {
  open(clock: () => number): Promise<KeyKeepingLog>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

const NOON = Date.UTC(2026, 2, 14, 12);
const DAY = 86_400_000;
const KEY: OwnedKey = { caller: 'bank', tenant: 'north', idempotencyKey: 'order 7' };

/**
 * What every log must do that keeps idempotency keys itself.
 *
 * @param adapter its name, for the titles
 * @param makeStore makes an empty store
 */
export function describeKeyKeepingLog(adapter: string, makeStore: () => Promise<KeyKeepingStore>): void {
  describe(`log that keeps keys: ${adapter}`, () => {
    let store: KeyKeepingStore;
    let log: KeyKeepingLog;
    let other: KeyKeepingLog;
    let now: number;

    const decide = (
      writer: KeyKeepingLog = log,
      key: Partial<OwnedKey> = KEY,
      differences: { readonly requestId?: string } = {},
    ): Promise<DecisionRecord> =>
      writer.append<DecisionRecord>(
        aDecision({
          ...(key.caller !== undefined && { caller: key.caller }),
          ...(key.tenant !== undefined && { tenant: key.tenant }),
          ...(key.idempotencyKey !== undefined && { idempotencyKey: key.idempotencyKey }),
          ...differences,
        }),
      );
    const countRecords = async (): Promise<number> => (await other.read({ limit: 10_000 })).records.length;
    /** Those that were kept; the others must have been refused as the key is taken. */
    const keptOf = async (appending: readonly Promise<DecisionRecord>[]): Promise<DecisionRecord[]> => {
      const outcomes = await Promise.allSettled(appending);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(IdempotencyKeyTakenError);
      }
      return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    };

    beforeEach(async () => {
      now = NOON;
      store = await makeStore();
      [log, other] = [await store.open(() => now), await store.open(() => now)];
    });

    afterEach(async () => {
      await log.close();
      await other.close();
      await store.remove();
    });

    it('finds the decision that a key stands for, in any process, and nothing for other keys', async () => {
      const record = await decide();

      expect(await log.findByKey(KEY)).toEqual(record);
      expect(await other.findByKey(KEY)).toEqual(record);
      expect(await log.findByKey({ ...KEY, caller: 'shop' })).toBeUndefined();
      expect(await log.findByKey({ ...KEY, tenant: undefined })).toBeUndefined();
      expect(await log.findByKey({ ...KEY, idempotencyKey: 'order 8' })).toBeUndefined();
    });

    it('refuses a second decision under a key, from any process, and keeps nothing of it', async () => {
      const record = await decide();

      await expect(decide(log)).rejects.toThrow(IdempotencyKeyTakenError);
      await expect(decide(other)).rejects.toThrow(IdempotencyKeyTakenError);
      expect(await countRecords()).toBe(1);
      expect(await other.findByKey(KEY)).toEqual(record);
    });

    it('keeps one of many that come at once, whichever process is first, and all others beside them', async () => {
      const raced = [log, other].flatMap((writer) => Array.from({ length: 50 }, () => decide(writer)));
      const others = Array.from({ length: 50 }, (_, index) =>
        index % 2 === 0
          ? decide(log, {}, { requestId: `request ${index}` })
          : decide(other, { ...KEY, idempotencyKey: `order of its own ${index}` }),
      );
      const kept = await keptOf(raced);

      expect(kept).toHaveLength(1);
      expect(await log.findByKey(KEY)).toEqual(kept[0]);
      expect(await Promise.all(others)).toHaveLength(50);
      expect(await countRecords()).toBe(51);
    });

    it('answers each of many that come at once with its own record', async () => {
      const records = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          decide(log, index % 3 === 0 ? {} : { ...KEY, idempotencyKey: `order ${index}` }, {
            requestId: `request ${index}`,
          }),
        ),
      );

      expect(records.map(({ requestId }) => requestId)).toEqual(
        records.map((_, index) => `request ${index}`),
      );
      expect((await other.read({ limit: 100 })).records).toEqual(records);
      for (const { idempotencyKey, requestId } of records) {
        if (idempotencyKey === undefined) continue;
        expect(await other.findByKey({ ...KEY, idempotencyKey })).toMatchObject({ requestId });
      }
    });

    it('gives a key free 24 hours after its record, not a millisecond before', async () => {
      const first = await decide();
      now = NOON + DAY - 1;
      await expect(decide(other)).rejects.toThrow(IdempotencyKeyTakenError);
      expect(await other.findByKey(KEY)).toEqual(first);

      now = NOON + DAY;
      expect(await other.findByKey(KEY)).toBeUndefined();
      const second = await decide(other);
      expect(await log.findByKey(KEY)).toEqual(second);
      expect(await countRecords()).toBe(2);
      await expect(decide(log)).rejects.toThrow(IdempotencyKeyTakenError);
    });

    it('does not take a key for a refusal: the request may be mended and sent again', async () => {
      await log.append<RefusalRecord>(
        aRefusal({ caller: KEY.caller, tenant: 'north', idempotencyKey: KEY.idempotencyKey }),
      );

      expect(await log.findByKey(KEY)).toBeUndefined();
      const record = await decide();
      expect(await log.findByKey(KEY)).toEqual(record);
    });
  });
}
