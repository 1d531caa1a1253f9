import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { aDecision } from '../factories/prediction-record';

/** Appends a second and records a line, with so many callers that each wait for their record. */
async function measure(fsync: 'never' | 'always', callers: number, seconds: number): Promise<void> {
  const folder = await mkdtemp(join(process.env['BENCH_DIR'] ?? tmpdir(), 'log-bench-'));
  const log = await FilePredictionLog.open({
    folder,
    fsync,
    clock: Date.now,
    onFatal: (error) => {
      throw error;
    },
  });
  const draft = aDecision();
  const end = performance.now() + seconds * 1000;
  const processor = process.cpuUsage();
  const began = performance.now();
  let appended = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < end) {
        await log.append(draft);
        appended += 1;
      }
    }),
  );
  const elapsed = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(processor);
  const newest = await log.read({ order: 'newest-first', limit: 1 });
  const id = newest.records[0]?.id ?? '';
  const findBegan = performance.now();
  for (let round = 0; round < 100; round += 1) await log.find(id);
  const findMs = (performance.now() - findBegan) / 100;
  await log.close();
  const startBegan = performance.now();
  const again = await FilePredictionLog.open({ folder, fsync, clock: Date.now, onFatal: () => undefined });
  const startMs = performance.now() - startBegan;
  await again.close();
  await rm(folder, { recursive: true });
  console.log(
    `fsync ${fsync}, ${callers} callers: ${Math.round(appended / elapsed)} appends/s, ` +
      `${((user + system) / appended).toFixed(1)} µs of processor each, line ${JSON.stringify(draft).length + 80} bytes, ` +
      `find ${findMs.toFixed(2)} ms, start ${startMs.toFixed(0)} ms`,
  );
}

async function main(): Promise<void> {
  for (const fsync of ['never', 'always'] as const) {
    for (const callers of [1, 64, 1024]) await measure(fsync, callers, 3);
  }
}

void main();
