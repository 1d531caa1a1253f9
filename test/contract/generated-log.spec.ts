import { FileLogReader } from '../../src/logging/file/file-log-reader';
import { firstIdAt } from '../../src/logging/issue-record-id';
import { type PredictionRecord } from '../../src/logging/prediction-record';
import { generateLog } from '../bench/generate-log';
import { readHoldoutApplications } from '../bench/http/applications';
import { LogFolder } from '../factories/log-folder';
import { aDecision } from '../factories/prediction-record';

const DAY = 86_400_000;
const END = Date.UTC(2026, 10, 23);
const ROWS = 6000;
const DAYS = 3;

describe('a generated log', () => {
  let folder: LogFolder;
  let records: readonly PredictionRecord[];

  beforeAll(async () => {
    folder = await LogFolder.make();
    await generateLog({
      folder: folder.path,
      rows: ROWS,
      days: DAYS,
      end: END,
      seed: 1,
      maxSegmentBytes: 500_000,
    });
    const reader = await FileLogReader.open({ folder: folder.path });
    const page = await reader.read({ limit: 10_000 });
    await reader.close();
    expect(page.damagedLines).toBe(0);
    ({ records } = page);
  });

  afterAll(async () => {
    await folder.remove();
  });

  it('holds the records asked for, over the days asked for, one in fifty refused', () => {
    const times = records.map(({ at }) => Date.parse(at));
    const refused = records.filter((record) => 'status' in record).length;

    expect(records).toHaveLength(ROWS);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(Math.floor(((times[0] ?? 0) - (END - DAYS * DAY)) / DAY)).toBe(0);
    expect(Math.ceil((END - (times.at(-1) ?? 0)) / DAY)).toBe(1);
    // 6,000 draws of 2 %: 120, and four standard deviations of 10.8 around it.
    expect(Math.abs(refused - 120)).toBeLessThan(44);
  });

  it("repeats scikit-learn's probabilities, each hold-out client at most once a cycle", () => {
    const known = readHoldoutApplications().map(({ probability }) => probability);
    const found = records.flatMap((record) => ('probability' in record ? [record.probability] : []));
    const left = new Map<number, number>();
    for (const probability of known) left.set(probability, (left.get(probability) ?? 0) + 1);
    for (const probability of found) left.set(probability, (left.get(probability) ?? 0) - 1);

    expect(Math.min(...left.values())).toBe(0);
    expect(found).not.toEqual(known.slice(0, found.length));
  });

  it('is written with the same bytes again, and not over a log', async () => {
    const again = await LogFolder.make();
    const options = {
      folder: again.path,
      rows: ROWS,
      days: DAYS,
      end: END,
      seed: 1,
      maxSegmentBytes: 500_000,
    };
    await generateLog(options);

    expect((await again.readActive()).equals(await folder.readActive())).toBe(true);
    await expect(generateLog(options)).rejects.toThrow('holds a log already');
    await again.remove();
  });

  it('is continued by the service without a damaged line', async () => {
    folder.now = END;
    const log = await folder.open();
    const { id } = await log.append(aDecision());

    expect((await log.probe()).damagedLines).toBe(0);
    expect((await log.read({ limit: 10, after: firstIdAt(END) })).records.map((record) => record.id)).toEqual(
      [id],
    );
    expect(await log.find(records[0]?.id ?? '')).toEqual(records[0]);
    await log.close();
  });
});
