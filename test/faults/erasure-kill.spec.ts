import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditFolder } from '../../src/audit/file/audit-folder';
import { FileLogUpkeep } from '../../src/audit/file/file-log-upkeep';
import { eraseClient } from '../../src/audit/erase-client';
import { readAuditFolders } from '../../src/audit/file/read-audit-folders';
import { FileLogReader } from '../../src/logging/file/file-log-reader';
import {
  type AuditRecord,
  type DecisionRecord,
  type PredictionRecord,
} from '../../src/logging/prediction-record';
import { LogFolder } from '../factories/log-folder';
import { aDecision } from '../factories/prediction-record';
import { compileChild } from './compile-child';

const CLIENT = 'client-1';
const SECRET = 'secret of client-1';

let child: string;
let pristine: LogFolder;
let folder: string;

beforeAll(async () => {
  child = compileChild('erasure.child');
  pristine = await LogFolder.make();
  const log = await pristine.open({ maxSegmentBytes: 4000 });
  for (let number = 0; number < 12; number += 1) {
    pristine.now += 1000;
    await log.append<DecisionRecord>(
      number % 3 === 0
        ? aDecision({ clientId: CLIENT, inputs: { name: SECRET, number } })
        : aDecision({ clientId: `client-2${String(number)}`, inputs: { number } }),
    );
  }
  await log.close();
  // A line that a start set aside, as `setAsideDamagedLines` writes it.
  const base64 = Buffer.from(`{"clientId":"${CLIENT}","inputs":{"name":"${SECRET}"`).toString('base64');
  const entry = {
    segment: 'production_logs.json',
    offset: 0,
    length: 1,
    salvagedRecords: 0,
    setAsideAt: '2026-03-14T12:00:00.000Z',
    base64,
  };
  await writeFile(join(pristine.path, 'damaged-lines.ndjson'), `${JSON.stringify(entry)}\n`);
}, 120_000);

afterAll(() => pristine.remove());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'erasure-kill-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** A fresh copy of the log, erased by a process that is killed before the given change of the disk. */
async function eraseAndKill(killBefore: number): Promise<{ killed: boolean; changes: number }> {
  await rm(folder, { recursive: true });
  await cp(pristine.path, folder, { recursive: true });
  const { signal, stdout, stderr, status } = spawnSync(
    process.execPath,
    [child, folder, CLIENT, String(killBefore)],
    {
      encoding: 'utf8',
    },
  );
  if (signal !== 'SIGKILL' && status !== 0) throw new Error(stderr);
  return { killed: signal === 'SIGKILL', changes: Number(stdout) };
}

async function readRecords(): Promise<readonly PredictionRecord[]> {
  const reader = await FileLogReader.open({ folder });
  const { records, damagedLines } = await reader.read({ limit: 1000 });
  expect(damagedLines).toBe(0);
  await reader.close();
  return records;
}

/** Names of the files that still hold something of the client. */
async function filesWithSecrets(): Promise<string[]> {
  const base64 = Buffer.from(SECRET).toString('base64').slice(0, 8);
  const found: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!(await stat(join(folder, name))).isFile()) continue;
    const text = await readFile(join(folder, name), 'latin1');
    const decoded = [...text.matchAll(/"base64":"([^"]*)"/g)].map(([, bytes]) =>
      Buffer.from(bytes ?? '', 'base64').toString(),
    );
    if (
      [text, ...decoded].some(
        (each) => each.includes(SECRET) || each.includes(`"${CLIENT}"`) || each.includes(base64),
      )
    ) {
      found.push(name);
    }
  }
  return found;
}

async function readTrail(): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of readAuditFolders(
    folder,
    { fromMs: 0, toMs: Date.now() + 60_000 },
    () => undefined,
  )) {
    records.push(record);
  }
  return records;
}

describe('an erasure that is killed before any of its changes of the disk', () => {
  it('leaves each record as it was or erased, loses none, and is finished by the next one', async () => {
    const { changes } = await eraseAndKill(0);
    const original = JSON.parse(JSON.stringify(await recordsOf(pristine.path))) as PredictionRecord[];
    expect(changes).toBeGreaterThan(20);
    let kills = 0;
    for (let killBefore = 1; killBefore <= changes; killBefore += 1) {
      expect((await eraseAndKill(killBefore)).killed).toBe(true);
      kills += 1;

      const records = await readRecords();
      expect(records.map(({ id }) => id)).toEqual(original.map(({ id }) => id));
      for (const [index, record] of records.entries()) {
        if ('decision' in record && record.erased !== undefined) {
          expect(original[index]?.clientId).toBe(CLIENT);
          expect(record.inputs).toEqual({ name: null, number: null });
        } else expect(record).toEqual(original[index]);
      }

      await eraseClient(
        { clientId: CLIENT, reason: 'the same request' },
        {
          upkeep: new FileLogUpkeep({ folder, fsync: 'never' }, Date.now),
          clock: Date.now,
          audit: new AuditFolder(folder, 'never', Date.now),
          context: { caller: 'tester' },
          eraseSamples: () => Promise.resolve(),
          signal: new AbortController().signal,
        },
      );
      expect(await filesWithSecrets()).toEqual([]);
      expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect((await readRecords()).map(({ id }) => id)).toEqual(original.map(({ id }) => id));
      const outcomes = (await readTrail()).map(({ audit }) => audit.outcome);
      // Whoever changed something is on record, also when it did not live to tell.
      expect(outcomes.slice(-2)).toEqual(['begun', 'done']);
      if (records.some((record) => 'erased' in record)) expect(outcomes.length).toBeGreaterThan(2);
    }
    console.log(
      `${String(kills)} kills, one before each change of the disk: 0 records lost, 0 files with secrets after the next run`,
    );
  });
});

async function recordsOf(path: string): Promise<readonly PredictionRecord[]> {
  const reader = await FileLogReader.open({ folder: path });
  try {
    return (await reader.read({ limit: 1000 })).records;
  } finally {
    await reader.close();
  }
}
