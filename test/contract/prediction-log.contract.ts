import { firstIdAt } from '../../src/logging/issue-record-id';
import {
  type AuditLogReader,
  LogUnavailableError,
  type LogQuery,
  type PredictionLog,
  type PredictionLogReader,
} from '../../src/logging/prediction-log';
import { type AuditRecord, type PredictionRecord } from '../../src/logging/prediction-record';
import { aDecision, anAuditRecord, aRefusal } from '../factories/prediction-record';

/** An open log. */
export interface OpenLog {
  readonly writer: PredictionLog;
  /** The writer itself, or a reader beside it. */
  readonly reader: PredictionLogReader & AuditLogReader;
}

/** One store that can be opened again and again. */
export interface LogStore {
  /** Opens the log; an open one must be closed before. */
  open(clock: () => number): Promise<OpenLog>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NOON = Date.UTC(2026, 2, 14, 12);
const HOUR = 3_600_000;

/**
 * What every adapter of the `PredictionLog` port must do.
 *
 * @param adapter its name, for the titles
 * @param makeStore makes an empty store
 */
export function describePredictionLog(adapter: string, makeStore: () => Promise<LogStore>): void {
  describe(`prediction log: ${adapter}`, () => {
    let store: LogStore;
    let log: PredictionLog;
    let reader: PredictionLogReader & AuditLogReader;
    let now: number;

    const open = async (): Promise<void> => {
      ({ writer: log, reader } = await store.open(() => now));
    };
    const close = async (): Promise<void> => {
      await log.close();
      await reader.close();
    };
    const reopen = async (): Promise<void> => {
      await close();
      await open();
    };
    const appendMany = (count: number): Promise<PredictionRecord[]> =>
      Promise.all(
        Array.from({ length: count }, (_, index) =>
          log.append<PredictionRecord>(
            index % 5 === 4
              ? aRefusal({ requestId: `request ${String(index)}` })
              : aDecision({ requestId: `request ${String(index)}`, totalTimeMs: index }),
          ),
        ),
      );
    const readAll = async (query: Omit<LogQuery, 'limit'> = {}): Promise<readonly PredictionRecord[]> =>
      (await reader.read({ ...query, limit: 10_000 })).records;

    beforeEach(async () => {
      now = NOON;
      store = await makeStore();
      await open();
    });

    afterEach(async () => {
      await close();
      await store.remove();
    });

    it('returns the record with an id and the time inside it', async () => {
      const record = await log.append(aDecision({ clientId: 'client-7' }));

      expect(record).toEqual({
        ...aDecision({ clientId: 'client-7' }),
        id: record.id,
        at: '2026-03-14T12:00:00.000Z',
      });
      expect(record.id).toMatch(UUID_V7);
      expect(Number.parseInt(record.id.replaceAll('-', '').slice(0, 12), 16)).toBe(NOON);
    });

    it('gives back every value unchanged: numbers to the last bit, texts of any script, nulls', async () => {
      const draft = aDecision({
        caller: 'ключ "7" \\ \n\u2028 🏦 \ud800',
        probability: 0.1 + 0.2,
        inputs: {
          tiny: 5e-324,
          huge: -1.797_693_134_862_315_7e308,
          none: null,
          text: '{"id":"","checksum":"00000000"}',
        },
      });
      const record = await log.append(draft);
      await reopen();

      expect(await reader.find(record.id)).toEqual({ ...draft, id: record.id, at: record.at });
    });

    it('keeps refusals beside decisions', async () => {
      const record = await log.append(aRefusal());

      expect(await readAll()).toEqual([{ ...aRefusal(), id: record.id, at: record.at }]);
    });

    describe('audit records', () => {
      /** Two decisions, each between audit records. */
      const appendMixed = async (): Promise<{ acts: AuditRecord[]; decisions: PredictionRecord[] }> => {
        const acts: AuditRecord[] = [];
        const decisions: PredictionRecord[] = [];
        for (let number = 0; number < 5; number += 1) {
          now += 1000;
          if (number % 2 === 0) acts.push(await log.append<AuditRecord>(anAuditRecord()));
          else decisions.push(await log.append<PredictionRecord>(aDecision()));
        }
        return { acts, decisions };
      };

      it('are read by themselves, in order, whatever the order of the members they were given with', async () => {
        const { acts } = await appendMixed();
        const { audit, ...rest } = anAuditRecord();
        acts.push(await log.append<AuditRecord>({ ...rest, audit }));
        await reopen();

        expect((await reader.readAudit({ limit: 100 })).records).toEqual(acts);
        const [second] = acts.slice(1);
        expect(await reader.readAudit({ limit: 1, order: 'newest-first', before: second?.id ?? '' })).toEqual(
          { records: acts.slice(0, 1), more: false, damagedLines: 0 },
        );
        expect((await reader.readAudit({ limit: 2 })).more).toBe(true);
      });

      it('are not met by those who read decisions: neither in pages nor by id', async () => {
        const { acts, decisions } = await appendMixed();

        expect(await readAll()).toEqual(decisions);
        expect(await readAll({ order: 'newest-first' })).toEqual(decisions.toReversed());
        expect(await reader.read({ limit: 2 })).toEqual({ records: decisions, more: false, damagedLines: 0 });
        expect(await reader.read({ limit: 10, after: decisions[1]?.id ?? '' })).toEqual({
          records: [],
          more: false,
          damagedLines: 0,
        });
        for (const { id } of acts) expect(await reader.find(id)).toBeUndefined();
      });

      it('share the order of ids with decisions, also across a restart behind one with the clock set back', async () => {
        const act = await log.append<AuditRecord>(anAuditRecord());
        now -= HOUR;
        await reopen();
        const decision = await log.append(aDecision());

        expect(decision.id > act.id).toBe(true);
      });

      it('are not taken for one when a decision only looks like it', async () => {
        const decision = await log.append<PredictionRecord>(
          aDecision({ requestId: '","audit":{"action":"log-in"}', caller: ',"audit":' }),
        );

        expect(await readAll()).toEqual([decision]);
        expect((await reader.readAudit({ limit: 10 })).records).toEqual([]);
      });
    });

    it('issues ids that rise in the order of the calls', async () => {
      const records = await appendMany(500);
      const ids = records.map(({ id }) => id);

      expect(new Set(ids).size).toBe(500);
      expect(ids.toSorted()).toEqual(ids);
      expect(await readAll()).toEqual(records);
    });

    it.each([
      { what: 'an hour back', step: -HOUR },
      { what: 'not at all', step: 0 },
      { what: 'an hour forward', step: HOUR },
    ])('continues to rise across a restart when the clock moved $what', async ({ step }) => {
      const before = await appendMany(3);
      now += step;
      await reopen();
      const after = await appendMany(3);
      now -= step;
      const last = await appendMany(3);

      const all = [...before, ...after, ...last];
      expect(all.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id));
      expect(all.map(({ at }) => at).toSorted()).toEqual(all.map(({ at }) => at));
      expect(await readAll()).toEqual(all);
    });

    it('keeps everything across restarts', async () => {
      const records: PredictionRecord[] = [];
      for (let round = 0; round < 4; round += 1) {
        records.push(...(await appendMany(10)));
        now += HOUR;
        await reopen();
      }

      expect(await readAll()).toEqual(records);
    });

    it('finds each record by its id, in either case of the letters, and nothing else', async () => {
      const records = await appendMany(200);
      await reopen();
      records.push(...(await appendMany(50)));

      for (const record of records) {
        expect(await reader.find(record.id)).toEqual(record);
      }
      expect(await reader.find(records[7]?.id.toUpperCase() ?? '')).toEqual(records[7]);
      expect(await reader.find(firstIdAt(0))).toBeUndefined();
      expect(await reader.find(firstIdAt(NOON))).toBeUndefined();
      expect(await reader.find(firstIdAt(NOON + 1))).toBeUndefined();
      expect(await reader.find('no id')).toBeUndefined();
    });

    it('reads an empty log', async () => {
      const empty = { records: [], more: false, damagedLines: 0 };

      expect(await reader.read({ limit: 1 })).toEqual(empty);
      expect(await reader.read({ order: 'newest-first', limit: 1 })).toEqual(empty);
      expect(await reader.find(firstIdAt(NOON))).toBeUndefined();
    });

    it.each(['oldest-first', 'newest-first'] as const)('pages through all records, %s', async (order) => {
      const written: PredictionRecord[] = [];
      for (let minute = 0; minute < 30; minute += 1) {
        now += 60_000;
        written.push(...(await appendMany(7)));
      }
      const expected = order === 'oldest-first' ? written : written.toReversed();
      for (const limit of [1, 9, 210, 1000]) {
        const read: PredictionRecord[] = [];
        for (let more = true; more;) {
          const last = read.at(-1)?.id;
          const bound =
            last === undefined ? {} : order === 'oldest-first' ? { after: last } : { before: last };
          const page = await reader.read({ ...bound, order, limit });
          expect(page.records.length).toBeLessThanOrEqual(limit);
          read.push(...page.records);
          more = page.more;
        }
        expect(read).toEqual(expected);
      }
    });

    it.each(['oldest-first', 'newest-first'] as const)(
      'reads strictly between two bounds, %s',
      async (order) => {
        const records: PredictionRecord[] = [];
        for (let minute = 0; minute < 10; minute += 1) {
          now = NOON + minute * 60_000;
          records.push(...(await appendMany(3)));
        }
        const between = async (after: string, before: string): Promise<readonly PredictionRecord[]> => {
          const found = await readAll({ after, before, order });
          return order === 'oldest-first' ? found : found.toReversed();
        };

        expect(await between(firstIdAt(NOON + 120_000), firstIdAt(NOON + 240_000))).toEqual(
          records.slice(6, 12),
        );
        expect(await between(records[4]?.id ?? '', records[9]?.id ?? '')).toEqual(records.slice(5, 9));
        expect(await between(firstIdAt(0), firstIdAt(NOON))).toEqual([]);
        expect(await between(firstIdAt(NOON + HOUR), firstIdAt(NOON + 2 * HOUR))).toEqual([]);
        expect(await between(records[9]?.id ?? '', records[4]?.id ?? '')).toEqual([]);
      },
    );

    it('says more only when more lies within the bounds', async () => {
      const records = await appendMany(4);

      expect((await reader.read({ limit: 3 })).more).toBe(true);
      expect((await reader.read({ limit: 4 })).more).toBe(false);
      expect((await reader.read({ limit: 3, before: records[3]?.id ?? '' })).more).toBe(false);
      expect((await reader.read({ limit: 3, order: 'newest-first', after: records[0]?.id ?? '' })).more).toBe(
        false,
      );
    });

    it.each([
      { why: 'a limit of 0', query: { limit: 0 } },
      { why: 'a limit above 10,000', query: { limit: 10_001 } },
      { why: 'a limit that is not whole', query: { limit: 1.5 } },
      { why: 'a bound that is no id', query: { limit: 1, after: 'yesterday' } },
      { why: 'an upper bound that is no id', query: { limit: 1, before: '' } },
    ])('refuses to read with $why', async ({ query }) => {
      await expect(reader.read(query)).rejects.toThrow(RangeError);
    });

    it('refuses a draft that already has a place in the log', async () => {
      const record = await log.append(aDecision());

      await expect(log.append(record)).rejects.toThrow(TypeError);
      expect(await readAll()).toEqual([record]);
    });

    it('reads a record as soon as it is acknowledged', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [record] = await appendMany(1);
        expect((await reader.read({ order: 'newest-first', limit: 1 })).records).toEqual([record]);
      }
    });

    it('says that it can be read', async () => {
      await appendMany(3);

      expect(await reader.probe()).toEqual({ available: true, waiting: 0, damagedLines: 0 });
    });

    it('reads nothing any more once it is closed', async () => {
      const record = await log.append(aDecision());
      await reader.close();
      await reader.close();

      await expect(reader.read({ limit: 1 })).rejects.toThrow('read before closing it');
      await expect(reader.find(record.id)).rejects.toThrow('read before closing it');
    });

    it('says that it can be written', async () => {
      expect(await log.probe()).toEqual({ available: true, waiting: 0, damagedLines: 0 });
      const appending = appendMany(3);
      expect((await log.probe()).available).toBe(true);
      await appending;
      expect((await log.probe()).waiting).toBe(0);
    });

    it('writes what waits when it is closed, and takes nothing more', async () => {
      const appending = appendMany(100);
      const closing = log.close();
      await expect(log.append(aDecision())).rejects.toThrow(LogUnavailableError);
      await closing;
      await reopen();

      expect(await readAll()).toEqual(await appending);
    });
  });
}
