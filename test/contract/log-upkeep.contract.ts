import {
  type AuditRecord,
  type DecisionRecord,
  type PredictionRecord,
} from '../../src/logging/prediction-record';
import { type AuditLogReader, type PredictionLog } from '../../src/logging/prediction-log';
import { type ErasureResult, type LogUpkeep, UpkeepTakenError } from '../../src/audit/log-upkeep';
import { aDecision, anAuditRecord, aRefusal } from '../factories/prediction-record';

/** A log with records in it, and its upkeep. */
export interface UpkeptLog {
  /** Written by the service, which goes on. */
  readonly log: PredictionLog & AuditLogReader;
  readonly upkeep: LogUpkeep;
  /** The upkeep of the same log by another process. */
  readonly otherUpkeep: LogUpkeep;
  /** Lets go of it, and removes all of it. */
  remove(): Promise<void>;
}

const NOON = Date.UTC(2026, 2, 14, 12);
const DAY_MS = 86_400_000;
const AT = '2026-03-14T13:00:00.000Z';

const NEVER_ABORTED = new AbortController().signal;

/**
 * What every adapter of the `LogUpkeep` port must do.
 *
 * @param adapter its name, for the titles
 * @param makeLog makes an empty log
 */
export function describeLogUpkeep(
  adapter: string,
  makeLog: (clock: () => number) => Promise<UpkeptLog>,
): void {
  describe(`upkeep of the log: ${adapter}`, () => {
    let kept: UpkeptLog;
    let now: number;
    let sampleTimes: (readonly number[])[];

    beforeEach(async () => {
      now = NOON;
      sampleTimes = [];
      kept = await makeLog(() => now);
    });
    afterEach(() => kept.remove());

    const readAll = async (): Promise<readonly PredictionRecord[]> =>
      (await kept.log.read({ limit: 10_000 })).records;
    const decide = (differences: Parameters<typeof aDecision>[0]): Promise<DecisionRecord> => {
      now += 1000;
      return kept.log.append<DecisionRecord>(aDecision(differences));
    };
    const erase = (clientId: string, tenant?: string, signal = NEVER_ABORTED): Promise<ErasureResult> =>
      kept.upkeep.exclusively((session) =>
        session.erase({
          clientId,
          tenant,
          at: AT,
          eraseSamples: (times) => {
            sampleTimes.push(times);
            return Promise.resolve();
          },
          signal,
        }),
      );

    describe('legal holds', () => {
      it('are listed in the order in which they were set, by every process, until they are released', async () => {
        const { upkeep, otherUpkeep } = kept;
        expect(await upkeep.readHolds()).toEqual([]);
        await upkeep.exclusively(async (session) => {
          await session.hold('client-9');
          await session.hold('client-1');
          expect(await session.readHolds()).toEqual(['client-9', 'client-1']);
        });
        expect(await otherUpkeep.readHolds()).toEqual(['client-9', 'client-1']);
        await otherUpkeep.exclusively((session) => session.release('client-9'));
        expect(await upkeep.readHolds()).toEqual(['client-1']);
      });

      it('may be set and released again without harm', async () => {
        await kept.upkeep.exclusively(async (session) => {
          await session.release('client-1');
          await session.hold('client-1');
          await session.hold('client-1');
          expect(await session.readHolds()).toEqual(['client-1']);
        });
      });
    });

    describe('one at a time', () => {
      it('refuses a second one while the first works, from this process and from others, and lets it in afterwards', async () => {
        const { upkeep, otherUpkeep } = kept;
        await upkeep.exclusively(async () => {
          for (const second of [upkeep, otherUpkeep]) {
            await expect(second.exclusively(() => Promise.resolve())).rejects.toThrow(UpkeepTakenError);
          }
        });
        expect(await otherUpkeep.exclusively(() => Promise.resolve('done'))).toBe('done');
      });

      it('lets the next one in after one that failed, whose error it hands on', async () => {
        const defect = new Error('a defect');
        await expect(kept.upkeep.exclusively(() => Promise.reject(defect))).rejects.toBe(defect);
        await kept.otherUpkeep.exclusively(() => Promise.resolve());
      });

      it('does not begin when it was told to stop', async () => {
        const work = jest.fn(() => Promise.resolve());
        await expect(kept.upkeep.exclusively(work, AbortSignal.abort())).rejects.toMatchObject({
          name: 'AbortError',
        });
        expect(work).not.toHaveBeenCalled();
      });

      it('ends where it stands when it is told to stop, and lets the next one in', async () => {
        const stopping = new AbortController();
        const stopped = kept.upkeep.exclusively(async (session) => {
          await session.hold('client-1');
          stopping.abort();
          await session.hold('client-2');
        }, stopping.signal);
        await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
        expect(await kept.otherUpkeep.readHolds()).toEqual(['client-1']);
        await kept.otherUpkeep.exclusively(() => Promise.resolve());
      });
    });

    describe('erasure', () => {
      it('takes what is personal from every record of the client, and leaves ids, order and all other records', async () => {
        const mine = await decide({
          clientId: 'client-1',
          idempotencyKey: 'of client-1',
          requestId: 'for client-1',
        });
        const refused = await kept.log.append<PredictionRecord>(aRefusal({ clientId: 'client-1' }));
        const acted = await kept.log.append<AuditRecord>(anAuditRecord());
        const others = [
          await decide({ clientId: 'client-10', idempotencyKey: 'of client-10' }),
          await decide({ clientId: 'Client-1', inputs: { odd: 5e-324, text: '\ud800"\u0000' } }),
          await decide({}),
        ];
        const before = await readAll();

        const { tombstone, records, segments } = await erase('client-1');

        expect(tombstone).toMatch(/^erased-[0-9a-f]{24}$/);
        expect({ records, segments }).toEqual({ records: 2, segments: 1 });
        const after = await readAll();
        expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
        const { idempotencyKey: _key, ...rest } = mine;
        const withoutValues = (values: object = {}): object =>
          Object.fromEntries(Object.keys(values).map((name) => [name, null]));
        expect(after[0]).toEqual({
          ...rest,
          requestId: tombstone,
          clientId: tombstone,
          inputs: withoutValues(mine.inputs),
          protected: withoutValues(mine.protected),
          erased: { at: AT },
        });
        expect(after[1]).toEqual({ ...refused, clientId: tombstone });
        expect(after.slice(2)).toEqual(others);
        expect(await kept.log.find(mine.id)).toEqual(after[0]);
        expect((await kept.log.readAudit({ limit: 10 })).records).toEqual([acted]);
      });

      it('tells monitoring the times of the records before they are changed, and once more at the end', async () => {
        const [first, second] = [
          await decide({ clientId: 'client-1' }),
          await decide({ clientId: 'client-1' }),
        ];
        const times = [first, second].map(({ at }) => Date.parse(at));
        const erasing = kept.upkeep.exclusively((session) =>
          session.erase({
            clientId: 'client-1',
            tenant: undefined,
            at: AT,
            eraseSamples: () => Promise.reject(new Error('no samples today')),
            signal: NEVER_ABORTED,
          }),
        );
        await expect(erasing).rejects.toThrow('no samples today');
        expect(await readAll()).toEqual([first, second]);
        await erase('client-1');
        expect(sampleTimes).toEqual([times, times]);
      });

      it("changes one tenant's client only when asked for it, and every tenant's otherwise", async () => {
        await decide({ clientId: 'client-1', tenant: 'shop' });
        await decide({ clientId: 'client-1', tenant: 'bank' });
        await decide({ clientId: 'client-1' });
        const names = async (): Promise<boolean[]> =>
          (await readAll()).map(({ clientId }) => clientId === 'client-1');
        expect((await erase('client-1', 'bank')).records).toBe(1);
        expect(await names()).toEqual([true, false, true]);
        expect((await erase('client-1')).records).toBe(2);
        expect(await names()).toEqual([false, false, false]);
      });

      it('says that there is nothing of a client the log does not know, or that was erased before', async () => {
        await decide({ clientId: 'client-1' });
        await erase('client-1');
        for (const clientId of ['client-1', 'client-2']) {
          expect(await erase(clientId)).toEqual({
            tombstone: undefined,
            records: 0,
            segments: 0,
            damagedLines: 0,
            unattributedLines: 0,
          });
        }
      });

      it('finds all of a client with many records', async () => {
        const count = 1203;
        const drafts = Array.from({ length: count }, (_, index) =>
          aDecision({ clientId: index % 3 === 0 ? 'client-2' : 'client-1' }),
        );
        await Promise.all(drafts.map((draft) => kept.log.append<DecisionRecord>(draft)));
        expect((await erase('client-1')).records).toBe((count / 3) * 2);
        const clients = new Set((await readAll()).map(({ clientId }) => clientId));
        expect(clients.has('client-1')).toBe(false);
        expect(clients.size).toBe(2);
      });

      it('stops when it is told to, and the same erasure goes on', async () => {
        await decide({ clientId: 'client-1' });
        const stopped = AbortSignal.abort();
        await expect(erase('client-1', undefined, stopped)).rejects.toMatchObject({ name: 'AbortError' });
        expect((await erase('client-1')).records).toBe(1);
      });

      it('leaves a log that is written, read and erased from again', async () => {
        await decide({ clientId: 'client-1' });
        await erase('client-1');
        const later = await decide({ clientId: 'client-1' });
        expect((await readAll()).at(-1)).toEqual(later);
        expect((await erase('client-1')).records).toBe(1);
      });
    });

    describe('retention', () => {
      const BEFORE = NOON - 30 * DAY_MS;

      /** Records of these days ago, far enough from each other to be in days and months of their own. */
      const writeDaysAgo = async (...days: number[]): Promise<void> => {
        for (const day of days) {
          now = NOON - day * DAY_MS;
          await decide({ clientId: `client-of-${day}` });
        }
      };
      const clients = async (): Promise<(string | undefined)[]> =>
        (await readAll()).map(({ clientId }) => clientId);

      it('finds and removes what is wholly older, oldest first, and nothing else', async () => {
        await writeDaysAgo(200, 100, 29, 0);
        await kept.log.append<AuditRecord>(anAuditRecord());
        await kept.upkeep.exclusively(async (session) => {
          const expired = await session.findExpired(BEFORE);
          expect(expired).toMatchObject({ held: [], setAsideLines: 0 });
          expect(expired.segments).toHaveLength(2);
          expect(expired.segments).toEqual([...expired.segments].sort());
          // Looking alone changes nothing.
          expect(await clients()).toHaveLength(4);
          await session.removeExpired(expired, BEFORE);
          expect(await session.findExpired(BEFORE)).toEqual({ segments: [], held: [], setAsideLines: 0 });
        });
        expect(await clients()).toEqual(['client-of-29', 'client-of-0']);
        expect((await kept.log.readAudit({ limit: 10 })).records).toHaveLength(1);
        await writeDaysAgo(0);
        expect(await clients()).toHaveLength(3);
      });

      it('keeps what holds a client under legal hold, until the hold is released', async () => {
        await writeDaysAgo(200, 100, 0);
        await kept.upkeep.exclusively(async (session) => {
          await session.hold('client-of-200');
          const { segments, held } = await session.findExpired(BEFORE);
          expect([segments.length, held.length]).toEqual([1, 1]);
          await session.removeExpired({ segments, held, setAsideLines: 0 }, BEFORE);
        });
        expect(await clients()).toEqual(['client-of-200', 'client-of-0']);
        await kept.upkeep.exclusively(async (session) => {
          await session.release('client-of-200');
          await session.removeExpired(await session.findExpired(BEFORE), BEFORE);
        });
        expect(await clients()).toEqual(['client-of-0']);
      });

      it('stops when it is told to, and the next one goes on', async () => {
        await writeDaysAgo(200, 100, 0);
        const stopping = new AbortController();
        const stopped = kept.upkeep.exclusively(async (session) => {
          const expired = await session.findExpired(BEFORE);
          stopping.abort();
          await session.removeExpired(expired, BEFORE);
        }, stopping.signal);
        await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
        expect(await clients()).toHaveLength(3);
        await kept.upkeep.exclusively(async (session) => {
          await session.removeExpired(await session.findExpired(BEFORE), BEFORE);
        });
        expect(await clients()).toEqual(['client-of-0']);
      });

      it('finds nothing in an empty log', async () => {
        const expired = await kept.upkeep.exclusively((session) => session.findExpired(NOON));
        expect(expired).toEqual({ segments: [], held: [], setAsideLines: 0 });
      });
    });
  });
}
