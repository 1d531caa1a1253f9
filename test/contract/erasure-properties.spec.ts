import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { eraseClient } from '../../src/audit/erase-client';
import { AuditFolder } from '../../src/audit/file/audit-folder';
import { FileLogUpkeep } from '../../src/audit/file/file-log-upkeep';
import { FileLogReader } from '../../src/logging/file/file-log-reader';
import { type AuditRecord, type DecisionRecord } from '../../src/logging/prediction-record';
import { LogFolder } from '../factories/log-folder';
import { aDecision, anAuditRecord } from '../factories/prediction-record';
import { unhurriedTime } from './unhurried-time';

/** One is the beginning of another, and one holds a point, which means more than itself in a pattern. */
const CLIENTS = ['client-1', 'client-10', 'client-1.a', 'clientx1'] as const;

const place = fc.record({
  segment: fc.nat(),
  offset: fc.double({ min: 0, max: 0.999, noNaN: true }),
  byte: fc.nat(255),
});

/** Every file of a folder and the folders in it, by its path. */
async function readFiles(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if ((await stat(join(folder, name))).isFile()) files.set(name, await readFile(join(folder, name)));
  }
  return files;
}

/** A value that stands nowhere else in the folder. */
function secretOf(client: string, number: number): string {
  return `secret<${client}>${String(number)}<`;
}

/** Overwrites single bytes of sealed segments, never the one that a start would mend. */
async function damage(
  folder: string,
  places: readonly { segment: number; offset: number; byte: number }[],
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^production_logs\.\d/.test(name)).sort();
  for (const { segment, offset, byte } of places) {
    const path = join(folder, names[segment % Math.max(names.length, 1)] ?? '');
    if (names.length === 0) return;
    const bytes = await readFile(path);
    bytes[Math.floor(offset * bytes.length)] = byte;
    await writeFile(path, bytes);
  }
}

/** What of a text holds a client's secrets. */
function secretsIn(files: ReadonlyMap<string, Buffer>, client: string): string[] {
  return [...files].flatMap(([name, bytes]) =>
    bytes.includes(`secret<${client}>`) || bytes.toString('latin1').includes(`"${client}"`) ? [name] : [],
  );
}

describe('erasure of a client from any log', () => {
  it('leaves none of its values in any file, every other line byte for byte, and order and ids of all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...CLIENTS, undefined, 'audit' as const), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 9000 }),
        async (lines, maxSegmentBytes) => {
          const folder = await LogFolder.make();
          try {
            const log = await folder.open({ maxSegmentBytes });
            for (const [number, client] of lines.entries()) {
              folder.now += 1000;
              if (client === 'audit') await log.append<AuditRecord>(anAuditRecord());
              else {
                await log.append<DecisionRecord>(
                  aDecision({
                    ...(client !== undefined && { clientId: client, idempotencyKey: `key of "${client}"` }),
                    inputs: { creditLimit: number, name: secretOf(client ?? 'nobody', number), none: null },
                    protected: { sex: secretOf(client ?? 'nobody', number) },
                  }),
                );
              }
            }
            await log.close();
            const before = await FileLogReader.open({ folder: folder.path, time: unhurriedTime() });
            const recordsBefore = (await before.read({ limit: 1000 })).records;
            const rawBefore = [...(await readFiles(folder.path))].flatMap(([, bytes]) =>
              bytes.toString('utf8').split('\n'),
            );

            const result = await eraseClient(
              { clientId: 'client-1', reason: 'a request' },
              {
                upkeep: new FileLogUpkeep({ folder: folder.path, fsync: 'never' }, () => folder.now),
                clock: () => folder.now,
                audit: new AuditFolder(folder.path, 'never', () => folder.now),
                context: { caller: 'tester' },
                eraseSamples: () => Promise.resolve(),
                signal: new AbortController().signal,
              },
            );

            expect(result.records).toBe(lines.filter((client) => client === 'client-1').length);
            const files = await readFiles(folder.path);
            expect(secretsIn(files, 'client-1')).toEqual([]);
            // The reader that was open all the while, and a new one.
            for (const reader of [before, await FileLogReader.open({ folder: folder.path })]) {
              const { records, damagedLines } = await reader.read({ limit: 1000 });
              expect(damagedLines).toBe(0);
              expect(records.map(({ id }) => id)).toEqual(recordsBefore.map(({ id }) => id));
              for (const [index, record] of records.entries()) {
                const old = recordsBefore[index];
                if (old?.clientId !== 'client-1') {
                  expect(record).toEqual(old);
                  continue;
                }
                const { idempotencyKey: _key, ...kept } = old;
                expect(record).toEqual({
                  ...kept,
                  clientId: result.tombstone,
                  inputs: { creditLimit: null, name: null, none: null },
                  protected: { sex: null },
                  erased: { at: new Date(folder.now).toISOString() },
                });
              }
              await reader.close();
            }
            const rawAfter = new Set([...files].flatMap(([, bytes]) => bytes.toString('utf8').split('\n')));
            for (const line of rawBefore) {
              if (!line.includes('"clientId":"client-1"')) expect(rawAfter).toContain(line);
            }
          } finally {
            await folder.remove();
          }
        },
      ),
      { numRuns: 60 },
    );
  }, 300_000);

  it('also removes what damaged lines hold that still name it, and touches no other damage', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(place, { minLength: 1, maxLength: 12 }), async (places) => {
        const folder = await LogFolder.make();
        try {
          const log = await folder.open({ maxSegmentBytes: 6000 });
          for (let number = 0; number < 24; number += 1) {
            const client = CLIENTS[number % CLIENTS.length] ?? '';
            await log.append<DecisionRecord>(
              aDecision({ clientId: client, inputs: { name: secretOf(client, number) } }),
            );
          }
          await log.seal();
          await log.close();
          await damage(folder.path, places);
          const beside = await LogFolder.make();
          await cp(folder.path, beside.path, { recursive: true });
          const before = await FileLogReader.open({ folder: beside.path });
          const { records: recordsBefore } = await before.read({ limit: 1000 });
          await before.close();
          await beside.remove();

          const result = await eraseClient(
            { clientId: 'client-1', reason: 'a request' },
            {
              upkeep: new FileLogUpkeep({ folder: folder.path, fsync: 'never' }, () => folder.now),
              clock: () => folder.now,
              audit: new AuditFolder(folder.path, 'never', () => folder.now),
              context: { caller: 'tester' },
              eraseSamples: () => Promise.resolve(),
              signal: new AbortController().signal,
            },
          );

          const files = await readFiles(folder.path);
          // A line whose name itself was hit names nobody: the command says how many such lines there are.
          const left = [...files.values()].flatMap((bytes) =>
            bytes
              .toString('latin1')
              .split('\n')
              .filter((line) => line.includes('secret<client-1>')),
          );
          expect(left.length).toBeLessThanOrEqual(result.unattributedLines);
          for (const line of left) expect(line).not.toContain('"clientId":"client-1"');
          const after = await FileLogReader.open({ folder: folder.path });
          const { records } = await after.read({ limit: 1000 });
          await after.close();
          expect(records.map(({ id }) => id)).toEqual(recordsBefore.map(({ id }) => id));
          expect(records.filter(({ clientId }) => clientId === 'client-1')).toEqual([]);
          const others = recordsBefore.filter(({ clientId }) => clientId !== 'client-1');
          expect(records.filter(({ clientId }) => clientId !== result.tombstone)).toEqual(others);
        } finally {
          await folder.remove();
        }
      }),
      { numRuns: 60 },
    );
  }, 300_000);
});
