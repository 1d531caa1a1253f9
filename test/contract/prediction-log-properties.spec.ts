import fc from 'fast-check';
import { FaultyFiles } from '../factories/faulty-files';
import { LogFolder } from '../factories/log-folder';
import { aDecision, aRefusal } from '../factories/prediction-record';
import { FileLogReader } from '../../src/logging/file/file-log-reader';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { unhurriedTime } from './unhurried-time';

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fail' as const), shortBy: fc.integer({ min: 0, max: 2000 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'reopen' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('tear' as const), bytes: fc.uint8Array({ maxLength: 300 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      milliseconds: fc.integer({ min: -1e8, max: 1e8 }),
    }),
  },
);

describe('any sequence of appends, failures, restarts and clock steps', () => {
  it('keeps exactly the acknowledged records, in order, findable, readable in both directions and from beside', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 15 }),
        fc.integer({ min: 1, max: 8000 }),
        async (steps, maxSegmentBytes) => {
          const folder = await LogFolder.make();
          const files = new FaultyFiles();
          let log = await folder.open({ maxSegmentBytes, openFile: files.open });
          const beside = await FileLogReader.open({ folder: folder.path, time: unhurriedTime() });
          const acknowledged: PredictionRecord[] = [];
          const followed: PredictionRecord[] = [];
          try {
            for (const each of steps) {
              switch (each.do) {
                case 'append':
                case 'fail': {
                  if (each.do === 'fail') files.next('write', { shortBy: each.shortBy }, { code: 'ENOSPC' });
                  const appending = Array.from(
                    { length: each.do === 'append' ? each.count : 3 },
                    (_, index) =>
                      log.append<PredictionRecord>(
                        index % 3 === 2 ? aRefusal() : aDecision({ totalTimeMs: index }),
                      ),
                  );
                  for (const outcome of await Promise.allSettled(appending)) {
                    if (outcome.status === 'fulfilled') acknowledged.push(outcome.value);
                  }
                  break;
                }
                case 'tear':
                case 'reopen':
                  await log.close();
                  if (each.do === 'tear') {
                    // As a killed write leaves it: bytes without newline behind the last line.
                    const torn = Buffer.from(each.bytes).map((byte) => (byte === 0x0a ? 0 : byte));
                    await folder.writeActive(Buffer.concat([await folder.readActive(), torn]));
                  }
                  log = await folder.open({ maxSegmentBytes, openFile: files.open });
                  break;
                case 'wait':
                  folder.now = Math.max(0, folder.now + each.milliseconds);
              }
              const last = followed.at(-1)?.id;
              const page = await beside.read({ limit: 10_000, ...(last !== undefined && { after: last }) });
              followed.push(...page.records);
              expect(page.damagedLines).toBe(0);
              expect(followed).toEqual(acknowledged);
            }
            const { records } = await log.read({ limit: 10_000 });
            expect(records).toEqual(acknowledged);
            expect((await log.read({ limit: 10_000, order: 'newest-first' })).records).toEqual(
              records.toReversed(),
            );
            const ids = records.map(({ id }) => id);
            expect(new Set(ids).size).toBe(ids.length);
            expect(ids.toSorted()).toEqual(ids);
            for (const record of records) expect(await log.find(record.id)).toEqual(record);
          } finally {
            await beside.close();
            await log.close();
            await folder.remove();
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});
