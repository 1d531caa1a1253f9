import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { aDecision } from '../factories/prediction-record';

/** Appends, finds and reads; prints the bytes in use after each of three rounds. Needs `--expose-gc`. */
async function main(folder: string, recordsInARound: number): Promise<void> {
  const log = await FilePredictionLog.open({
    folder,
    fsync: 'never',
    clock: Date.now,
    onFatal: (error) => {
      throw error;
    },
    maxSegmentBytes: 4 * 1024 * 1024,
  });
  const used: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (let appended = 0; appended < recordsInARound; appended += 1000) {
      const records = await Promise.all(Array.from({ length: 1000 }, () => log.append(aDecision())));
      await log.find(records[0]?.id ?? '');
      await log.read({ limit: 10, order: 'newest-first' });
    }
    // What a sweep frees may hold buffers that only the next one frees.
    for (let sweep = 0; sweep < 3; sweep += 1) {
      globalThis.gc?.();
      await new Promise(setImmediate);
    }
    const { heapUsed, external } = process.memoryUsage();
    used.push(heapUsed + external);
  }
  await log.close();
  console.log(JSON.stringify(used));
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
