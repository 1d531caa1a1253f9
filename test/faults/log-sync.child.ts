import { FilePredictionLog } from '../../src/logging/file/file-prediction-log';
import { aDecision } from '../factories/prediction-record';

/** Appends ten records one after another with fsync, and prints what became of them. */
async function main(folder: string, maxSegmentBytes: number): Promise<void> {
  let fatalErrors = 0;
  const log = await FilePredictionLog.open({
    folder,
    fsync: 'always',
    clock: Date.now,
    maxSegmentBytes,
    onFatal: () => {
      fatalErrors += 1;
    },
  });
  const outcomes: { id?: string; error?: string }[] = [];
  for (let number = 0; number < 10; number += 1) {
    try {
      const { id } = await log.append(aDecision());
      outcomes.push({ id });
    } catch (error) {
      outcomes.push({ error: String(error) });
    }
  }
  const state = await log.probe();
  await log.close();
  console.log(JSON.stringify({ outcomes, fatalErrors, state }));
}

void main(process.argv[2] ?? '', Number(process.argv[3]));
