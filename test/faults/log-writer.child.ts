import { writeSync } from 'node:fs';
import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { aDecision } from '../factories/prediction-record';

/** Appends as fast as it can, and prints the id of each record as soon as it is acknowledged. */
async function main(folder: string, fsync: string): Promise<void> {
  const log = await FilePredictionLog.open({
    folder,
    fsync: fsync === 'always' ? 'always' : 'never',
    clock: Date.now,
    // Small, so that processes are also killed while one segment ends and the next begins.
    maxSegmentBytes: 300_000,
    onFatal: (error) => {
      throw error;
    },
  });
  let number = 0;
  const appendForever = async (): Promise<never> => {
    for (;;) {
      number += 1;
      const { id } = await log.append(aDecision({ requestId: `${String(process.pid)}-${String(number)}` }));
      writeSync(1, `${id}\n`);
    }
  };
  await Promise.all(Array.from({ length: 32 }, appendForever));
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
