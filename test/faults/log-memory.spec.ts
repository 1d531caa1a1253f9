import { execFileSync } from 'node:child_process';
import { LogFolder } from '../factories/log-folder';
import { compileChild } from './compile-child';

const RECORDS_IN_A_ROUND = 100_000;

/** Six bytes for each of the 200,000 records between: less than any trace of them would take. */
const ALLOWED_GROWTH = 1_200_000;

it('the log takes no more memory after 300,000 records than after 100,000', async () => {
  const child = compileChild('log-memory.child');
  const folder = await LogFolder.make();
  try {
    const output = execFileSync(
      process.execPath,
      ['--expose-gc', child, folder.path, String(RECORDS_IN_A_ROUND)],
      { encoding: 'utf8' },
    );
    const [first = 0, , third = Infinity] = JSON.parse(output) as number[];
    console.log(`bytes in use: ${output}`);

    expect(third - first).toBeLessThan(ALLOWED_GROWTH);
  } finally {
    await folder.remove();
  }
});
