import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { someReport } from '../../../test/factories/drift-report';
import { parseConfiguration } from '../../config/parse-configuration';
import { type DriftReport } from './drift-report';
import { DriftReports } from './drift-reports';
import { FileDriftReportStore } from './file-drift-report-store';
import { nameDriftReport } from './name-drift-report';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 25, 9);

let dataFolder: string;
let folder: string;
let reports: DriftReports;
let warn: jest.SpyInstance;
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'drift-reports-'));
  folder = join(dataFolder, 'logs', 'monitoring', 'drift');
  reports = open();
  warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
});
afterEach(async () => {
  warn.mockRestore();
  await rm(dataFolder, { recursive: true });
});

const open = (settings: Readonly<Record<string, string>> = {}): DriftReports =>
  new DriftReports(
    new FileDriftReportStore(folder),
    parseConfiguration({ DATA_DIR: dataFolder, ...settings }),
  );

/** The report of a day, by the end of its window. */
function ofDay(day: string, differences: Partial<DriftReport> = {}): DriftReport {
  const toMs = Date.parse(`${day}T00:00:00Z`);
  const span = { fromMs: toMs - DAY_MS, toMs };
  const trigger = differences.trigger ?? 'schedule';
  return someReport({ id: nameDriftReport(span, trigger, NOW), ...differences });
}

const ids = async (limit = 100): Promise<readonly string[]> =>
  (await reports.list(limit)).map(({ id }) => id);

describe('keeping drift reports', () => {
  it('is empty before the first', async () => {
    expect(await reports.list(10)).toEqual([]);
    expect(await reports.latest()).toBeUndefined();
    expect(await reports.newestWindowEndMs()).toBeUndefined();
    expect(await reports.find('2026-11-23T00-00-00Z')).toBeUndefined();
  });

  it('finds a report again as it was, also after a restart', async () => {
    const report = ofDay('2026-11-23');
    expect(await reports.keep(report)).toBe(true);
    expect(await readdir(folder)).toEqual(['2026-11-23T00-00-00Z.json']);
    expect(await reports.find(report.id)).toEqual(report);
    expect(await open().latest()).toEqual(report);
  });

  it('keeps the first report of a window only, whoever comes second', async () => {
    const first = ofDay('2026-11-23', { durationMs: 1 });
    const others = [2, 3, 4].map((durationMs) => ofDay('2026-11-23', { durationMs }));
    expect(await reports.keep(first)).toBe(true);
    expect(await Promise.all(others.map((other) => open().keep(other)))).toEqual([false, false, false]);
    expect(await reports.find(first.id)).toEqual(first);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('lets exactly one of many instances be the first', async () => {
    const kept = await Promise.all(Array.from({ length: 8 }, () => open().keep(ofDay('2026-11-23'))));
    expect(kept.filter(Boolean)).toHaveLength(1);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('lists runs, newest window first, with what the history shows', async () => {
    for (const day of ['2026-11-22', '2026-11-24', '2026-11-23']) await reports.keep(ofDay(day));
    expect(await ids()).toEqual(['2026-11-24T00-00-00Z', '2026-11-23T00-00-00Z', '2026-11-22T00-00-00Z']);
    expect(await ids(1)).toEqual(['2026-11-24T00-00-00Z']);
    const [newest] = await reports.list(1);
    expect(newest).toMatchObject({
      verdict: 'drifted',
      drifted: ['creditLimit', 'probability'],
      psi: { creditLimit: 0.31, sex: 0.003 },
      verdicts: { creditLimit: 'drifted', billAmount1: 'stable', age: 'insufficient_data' },
    });
  });

  it('reads a listed report once', async () => {
    await reports.keep(ofDay('2026-11-23'));
    const before = await reports.list(1);
    await writeFile(join(folder, '2026-11-23T00-00-00Z.json'), '{');
    expect(await reports.list(1)).toEqual(before);
    await rm(join(folder, '2026-11-23T00-00-00Z.json'));
    expect(await reports.list(1)).toEqual([]);
  });

  it('shows reports made by hand, of this or another process, but takes none for the latest of the schedule', async () => {
    await reports.keep(ofDay('2026-11-23'));
    expect(await reports.list(10)).toHaveLength(1);
    await open().keep(ofDay('2026-11-24', { trigger: 'manual' }));
    expect(await ids()).toEqual([
      '2026-11-24T00-00-00Z.manual-2026-11-25T09-00-00.000Z',
      '2026-11-23T00-00-00Z',
    ]);
    expect((await reports.latest())?.id).toBe('2026-11-23T00-00-00Z');
    expect(await reports.newestWindowEndMs()).toBe(Date.UTC(2026, 10, 23));
  });

  it.each(['../../../../secret', '..', '', 'alerts', '/etc/passwd', '2026-11-23T00-00-00Z/../../../secret'])(
    'finds nothing under %j',
    async (id) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(dataFolder, 'secret.json'), JSON.stringify({ ...ofDay('2026-11-23'), id }));
      expect(await reports.find(id)).toBeUndefined();
      await expect(reports.keep({ ...ofDay('2026-11-23'), id })).rejects.toThrow(
        /the id is not that of a report/,
      );
      expect(await readdir(folder)).toEqual([]);
    },
  );
});

describe('a damaged drift report', () => {
  const file = (): string => join(folder, '2026-11-24T00-00-00Z.json');
  beforeEach(async () => {
    await reports.keep(ofDay('2026-11-23'));
    await reports.keep(ofDay('2026-11-24'));
  });

  it.each([
    { what: 'cut off', damage: (text: string) => text.slice(0, 1000) },
    { what: 'empty', damage: () => '' },
    { what: 'another JSON', damage: () => 'null' },
    { what: 'the report of another window', damage: () => JSON.stringify(ofDay('2026-11-20')) },
  ])('($what) is left out, and named once with what to do', async ({ damage }) => {
    await writeFile(file(), damage(await readFile(file(), 'utf8')));
    expect(await ids()).toEqual(['2026-11-23T00-00-00Z']);
    expect((await reports.latest())?.id).toBe('2026-11-23T00-00-00Z');
    expect(await reports.find('2026-11-24T00-00-00Z')).toBeUndefined();
    expect(warn.mock.calls).toEqual([
      [{ msg: expect.stringMatching(/restore .* or remove/) as string, report: file() }],
    ]);
  });

  it('still counts as reported: its window is not made again at every start', async () => {
    await writeFile(file(), '');
    expect(await reports.newestWindowEndMs()).toBe(Date.UTC(2026, 10, 24));
  });
});

describe('the age of drift reports', () => {
  it('is limited by RETENTION_DAYS: by the window, or by when it was made by hand', async () => {
    reports = open({ RETENTION_DAYS: '2' });
    for (const day of ['2026-11-22', '2026-11-23', '2026-11-24']) await reports.keep(ofDay(day));
    await reports.keep(ofDay('2026-01-01', { trigger: 'manual' }));
    await reports.removeExpired(NOW);
    expect(await ids()).toEqual([
      '2026-11-24T00-00-00Z',
      '2026-01-01T00-00-00Z.manual-2026-11-25T09-00-00.000Z',
    ]);
    await reports.removeExpired(NOW + 2 * DAY_MS + 1);
    expect(await readdir(folder)).toEqual([]);
  });
});
